// Voxels by index (i, j, k), centres at integers; values are texels (see Coding in textures.py).
// EXACT 1: eight fetches and our own weights, where the card's own weights have eight bits only.
#ifndef EXACT
#define EXACT 0
#endif
uniform sampler3D volume;
uniform vec3 size_ijk;

float nearest_at(vec3 index) {
    ivec3 at = ivec3(clamp(floor(index + 0.5), vec3(0.0), size_ijk - 1.0));
    return texelFetch(volume, at, 0).r;
}

float filtered_at(vec3 index) {
    return textureLod(volume, (index + 0.5) / size_ijk, 0.0).r;
}

float fetched_at(vec3 index) {
    vec3 inside = clamp(index, vec3(0.0), size_ijk - 1.0);
    vec3 low = min(floor(inside), max(size_ijk - 2.0, 0.0));
    vec3 w = inside - low;
    ivec3 a = ivec3(low), b = ivec3(min(low + 1.0, size_ijk - 1.0));
    float c00 = mix(texelFetch(volume, a, 0).r, texelFetch(volume, ivec3(b.x, a.y, a.z), 0).r, w.x);
    float c10 = mix(texelFetch(volume, ivec3(a.x, b.y, a.z), 0).r, texelFetch(volume, ivec3(b.x, b.y, a.z), 0).r, w.x);
    float c01 = mix(texelFetch(volume, ivec3(a.x, a.y, b.z), 0).r, texelFetch(volume, ivec3(b.x, a.y, b.z), 0).r, w.x);
    float c11 = mix(texelFetch(volume, ivec3(a.x, b.y, b.z), 0).r, texelFetch(volume, b, 0).r, w.x);
    return mix(mix(c00, c10, w.y), mix(c01, c11, w.y), w.z);
}

float linear_at(vec3 index) {
#if EXACT
    return fetched_at(index);
#else
    return filtered_at(index);
#endif
}

// Catmull-Rom: smooth, and equal to the voxel's value at its centre.
vec4 cubic_weights(float t) {
    float t2 = t * t, t3 = t2 * t;
    return vec4(-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1.0, -1.5 * t3 + 2.0 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2);
}

float cubic_at(vec3 index) {
    vec3 low = floor(index);
    vec4 wx = cubic_weights(index.x - low.x), wy = cubic_weights(index.y - low.y), wz = cubic_weights(index.z - low.z);
    float sum = 0.0;
    for (int z = 0; z < 4; z++) {
        for (int y = 0; y < 4; y++) {
            float w = wy[y] * wz[z];
            for (int x = 0; x < 4; x++) {
                sum += wx[x] * w * nearest_at(low + vec3(x - 1, y - 1, z - 1));
            }
        }
    }
    return sum;
}
