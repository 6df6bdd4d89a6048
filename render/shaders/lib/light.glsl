// Phong with a light that the viewer carries; needs lib/sample.glsl and lib/ray.glsl.
uniform mat3 patient_from_difference;  // for gradients: the inverse transpose of the volume's matrix, real values per mm
uniform mat3 eye_axes;            // patient directions of right, up, forward
uniform vec3 light;               // towards the light: right, up, to the viewer
uniform vec4 shade;               // ambient, diffuse, specular, power
uniform float edge;
uniform float reach;              // voxels to each side over which the gradient is taken
uniform int flat_cuts;            // 1: where the volume is cut open, the cut is lit as a plane, not by its noise

vec3 gradient_at(vec3 index) {
    vec3 x = vec3(reach, 0.0, 0.0), y = vec3(0.0, reach, 0.0), z = vec3(0.0, 0.0, reach);
    vec3 difference = vec3(
        filtered_at(index + x) - filtered_at(index - x),
        filtered_at(index + y) - filtered_at(index - y),
        filtered_at(index + z) - filtered_at(index - z));
    return patient_from_difference * (0.5 / reach * difference);
}

vec4 lit_at(vec3 index, vec3 colour, float alpha, Ray ray, bool is_cut) {
    vec3 gradient = is_cut && flat_cuts == 1 ? patient_from_difference * ray.face * 1.0e6 : gradient_at(index);
    float steep = length(gradient);
    vec3 to_eye = -normalize(eye_axes * vec3(ray.offset, 1.0));
    vec3 to_light = normalize(eye_axes * vec3(light.xy, 0.0) + light.z * to_eye);
    vec3 normal = steep > 0.0 ? gradient / steep : to_eye;
    normal = dot(normal, to_eye) < 0.0 ? -normal : normal;  // both sides of a surface are lit
    float matt = max(dot(normal, to_light), 0.0);
    float gloss = pow(max(dot(reflect(-to_light, normal), to_eye), 0.0), shade.w);
    float kept = edge > 0.0 ? alpha * smoothstep(0.0, edge, steep) : alpha;
    return vec4(min(colour * (shade.x + shade.y * matt) + shade.z * gloss, vec3(1.0)), kept);
}
