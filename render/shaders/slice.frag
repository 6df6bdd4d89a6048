#version 330 core
// A slice or slab of any direction, sampled in the 3D texture: through the window at once, or (WINDOWED 0) as values:
// red is the stored value, green what it is (lib/window.glsl). INTERPOLATION 0 nearest, 1 linear, 2 cubic.
// SLAB 0 mip, 1 minip, 2 mean, 3 a single plane; INTEGER 1: stored values are whole numbers; STATES 0: no slice is missing.
#include "lib/sample.glsl"
#if WINDOWED
#include "lib/window.glsl"
out vec4 result;
#else
out vec2 result;
#endif
uniform vec3 first;       // voxel index of the framebuffer's pixel 0, 0
uniform vec3 right;       // and from a pixel to the next
uniform vec3 up;
uniform vec2 stored_from_texel;
uniform vec3 slab_step;   // voxels, from one sample to the next
uniform vec3 slab_first;  // voxels, from the plane to the first sample
uniform vec3 slab_low;    // voxels, from the plane to the slab's two faces
uniform vec3 slab_high;
uniform int slab_samples;
uniform sampler2D states;

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
    return all(lessThanEqual(abs(index - 0.5 * (size_ijk - 1.0)), 0.5 * size_ijk));
}

// The slab's faces are always sampled: the first and last sample are moved onto them.
vec3 sample_offset(int n) {
    return n == 0 ? slab_low : n == slab_samples - 1 ? slab_high : slab_first + slab_step * float(n);
}

void main() {
    vec3 middle = first + gl_FragCoord.x * right + gl_FragCoord.y * up;
    float kind = 0.0;
    vec3 moved = vec3(0.0);
#if STATES
    float slice = clamp(floor(middle.z + 0.5), 0.0, size_ijk.z - 1.0);
    vec2 state = texelFetch(states, ivec2(int(slice), 0), 0).rg;
    kind = state.g == 1.0 ? 0.0 : state.g == 0.0 ? 1.0 : state.g;
    moved.z = state.g == 0.0 ? state.r - middle.z : 0.0;  // not read yet: the nearest slice that was
#endif
#if SLAB == 3
    float found = value_at(middle + moved);
    kind = is_inside(middle) ? kind : -1.0;
#else
    float found = SLAB == 2 ? 0.0 : SLAB == 1 ? 1.0e30 : -1.0e30, count = 0.0;
    for (int n = 0; n < slab_samples; n++) {
        vec3 index = middle + sample_offset(n);
        float value = value_at(index + moved);
        float inside = is_inside(index) ? 1.0 : 0.0;
#if SLAB == 0
        found = max(found, inside > 0.0 ? value : found);
#elif SLAB == 1
        found = min(found, inside > 0.0 ? value : found);
#else
        found += inside * value;
#endif
        count += inside;
    }
#if SLAB == 2
    found /= max(count, 1.0);
#endif
    kind = count > 0.0 ? kind : -1.0;
#endif
    float stored = found * stored_from_texel.x + stored_from_texel.y;
#if INTEGER && INTERPOLATION == 0 && SLAB != 2
    stored = floor(stored + 0.5);
#endif
#if WINDOWED
    result = colour_of(stored, kind);
#else
    result = vec2(kind < -0.5 ? 0.0 : stored, kind);
#endif
}
