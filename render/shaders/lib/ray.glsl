// The ray through a pixel, in voxel indices per millimetre, cut by the crop box and the clip planes.
uniform vec2 picture_size;    // of the pane
uniform vec3 eye_index;       // voxel index of the eye
uniform vec3 forward_index;   // voxels per mm straight ahead
uniform vec3 right_index;     // voxels per pixel to the right (times the distance, where perspective)
uniform vec3 up_index;
uniform float per_pixel;      // tangent per pixel; 0: parallel
uniform vec3 box_low;         // voxel indices
uniform vec3 box_high;
uniform vec4 clips[6];        // kept: dot(xyz, index) + w >= 0
uniform int clip_count;

const float FAR = 1.0e9;

struct Ray {
    vec3 start;   // voxel index where the ray enters
    vec3 step_mm; // voxels per mm
    vec3 inverse; // mm per voxel; huge where the ray does not move along an axis
    float span_mm; // mm inside; <= 0: the ray misses
    vec2 offset;  // tangents of the ray's direction
    vec3 face;    // gradient of the plane it enters by: a unit vector over voxel indices, or a clip plane's
};

Ray ray_of(vec2 pixel) {
    vec2 away = pixel - 0.5 * picture_size;
    vec3 aside = away.x * right_index + away.y * up_index;
    vec2 tangent = away * per_pixel;
    vec3 origin = per_pixel > 0.0 ? eye_index : eye_index + aside;
    vec3 direction = per_pixel > 0.0 ? (forward_index + aside) / sqrt(1.0 + dot(tangent, tangent)) : forward_index;
    float near = 0.0, far = FAR;
    vec3 face = vec3(0.0);
    for (int axis = 0; axis < 3; axis++) {
        float d = direction[axis], o = origin[axis];
        if (abs(d) < 1.0e-9) {
            far = o < box_low[axis] || o > box_high[axis] ? -FAR : far;
        } else {
            float a = (box_low[axis] - o) / d, b = (box_high[axis] - o) / d;
            if (min(a, b) > near) {
                near = min(a, b);
                face = vec3(axis == 0, axis == 1, axis == 2);
            }
            far = min(far, max(a, b));
        }
    }
    for (int n = 0; n < clip_count; n++) {
        float a = dot(clips[n].xyz, origin) + clips[n].w, b = dot(clips[n].xyz, direction);
        if (abs(b) < 1.0e-9) {
            far = a < 0.0 ? -FAR : far;
        } else if (b > 0.0) {
            if (-a / b > near) {
                near = -a / b;
                face = clips[n].xyz;
            }
        } else {
            far = min(far, -a / b);
        }
    }
    vec3 slow = vec3(lessThan(abs(direction), vec3(1.0e-9)));
    vec3 inverse = 1.0 / mix(direction, vec3(1.0e-9), slow);
    return Ray(origin + direction * near, direction, inverse, far - near, tangent, face);
}

// Millimetres from the ray's start to its exit from the voxel-index box low..high.
float exit_mm(Ray ray, vec3 low, vec3 high) {
    vec3 away = (mix(low, high, greaterThan(ray.inverse, vec3(0.0))) - ray.start) * ray.inverse;
    return min(min(away.x, away.y), away.z);
}
