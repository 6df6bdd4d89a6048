#version 330 core
// A slice or slab as stored values: red is the value, green says what it is:
// -1 outside the volume, 0 a voxel, 1 not read yet, 2 damaged, 3 a hole of the series.
// INTERPOLATION 0 nearest, 1 linear, 2 cubic; SLAB 0 mip, 1 minip, 2 mean; INTEGER 1: stored values are whole numbers.
#include "lib/sample.glsl"
uniform mat4 index_from_pixel;
uniform float picture_rows;
uniform vec2 stored_from_texel;
uniform vec3 slab_step;   // voxels, from one sample to the next
uniform vec3 slab_first;  // voxels, from the plane to the first sample
uniform vec3 slab_low;    // voxels, from the plane to the slab's two faces
uniform vec3 slab_high;
uniform int slab_samples;
uniform sampler2D states;
out vec2 result;

float value_at(vec3 index) {
#if INTERPOLATION == 0
    return nearest_at(index);
#elif INTERPOLATION == 1
    return linear_at(index);
#else
    return cubic_at(index);
#endif
}

bool is_inside(vec3 index) {
    return all(greaterThanEqual(index, vec3(-0.5))) && all(lessThanEqual(index, size_ijk - 0.5));
}

// The slab's faces are always sampled: the first and last sample are moved onto them.
vec3 sample_offset(int n) {
    return n == 0 ? slab_low : n == slab_samples - 1 ? slab_high : slab_first + slab_step * float(n);
}

void main() {
    vec3 middle = (index_from_pixel * vec4(gl_FragCoord.x - 0.5, picture_rows - gl_FragCoord.y - 0.5, 0.0, 1.0)).xyz;
    float slice = clamp(floor(middle.z + 0.5), 0.0, size_ijk.z - 1.0);
    vec2 state = texelFetch(states, ivec2(int(slice), 0), 0).rg;
    float kind = state.g == 1.0 ? 0.0 : state.g == 0.0 ? 1.0 : state.g;
    vec3 moved = vec3(0.0, 0.0, state.g == 0.0 ? state.r - middle.z : 0.0);  // unread: the nearest slice that was
    float found = 0.0, count = 0.0;
    for (int n = 0; n < slab_samples; n++) {
        vec3 index = middle + (slab_samples == 1 ? vec3(0.0) : sample_offset(n));
        if (is_inside(index)) {
            float value = value_at(index + moved);
#if SLAB == 0
            found = count == 0.0 ? value : max(found, value);
#elif SLAB == 1
            found = count == 0.0 ? value : min(found, value);
#else
            found += value;
#endif
            count += 1.0;
        }
    }
#if SLAB == 2
    found /= max(count, 1.0);
#endif
    float stored = found * stored_from_texel.x + stored_from_texel.y;
#if INTEGER && INTERPOLATION == 0 && SLAB != 2
    stored = floor(stored + 0.5);
#endif
    result = count == 0.0 ? vec2(0.0, -1.0) : vec2(stored, kind);
}
