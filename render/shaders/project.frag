#version 330 core
// Projections: one value per ray in red; green is -1 where the ray misses. MODE 0 mip, 1 minip, 2 mean, 3 xray.
// mip and minip learn a bound from every 8th sample first, then enter only blocks that can beat it.
#include "lib/sample.glsl"
#include "lib/ray.glsl"
uniform sampler3D blocks;           // least and greatest stored value
uniform vec2 stored_from_texel;
uniform vec2 attenuation_from_stored;  // per mm
uniform float step_mm;
uniform float stop_at;              // mip, minip: nothing beyond this is told apart in the picture
out vec2 result;

const float EDGE = 8.0;
const int SEED = 8;
#if MODE == 1
const float SIGN = -1.0;
#else
const float SIGN = 1.0;
#endif

float stored_at(vec3 index) {
    return filtered_at(index) * stored_from_texel.x + stored_from_texel.y;
}

float extreme(Ray ray, vec3 stride, int last) {
    float best = SIGN * stored_at(ray.start);
    for (int n = SEED; n <= last; n += SEED) {
        best = max(best, SIGN * stored_at(ray.start + stride * float(n)));
    }
    ivec3 last_block = textureSize(blocks, 0) - 1;
    int n = 1;
    while (n <= last && best < stop_at) {
        vec3 index = ray.start + stride * float(n);
        ivec3 block = clamp(ivec3(index / EDGE), ivec3(0), last_block);
        vec2 range = texelFetch(blocks, block, 0).rg;
        float exit = exit_mm(ray, vec3(block) * EDGE, vec3(block + 1) * EDGE) / step_mm;
        int next = max(n + 1, exit < float(last) ? int(ceil(exit - 1.0e-3)) : last + 1);
        if ((SIGN > 0.0 ? range.g : -range.r) > best) {
            while (n < next) {
                best = max(best, SIGN * stored_at(ray.start + stride * float(n)));
                n++;
            }
        }
        n = next;
    }
    return SIGN * max(best, SIGN * stored_at(ray.start + ray.step_mm * ray.span_mm));
}

float total(Ray ray, vec3 stride, int last) {
    float sum = 0.0;
    for (int n = 0; n < last; n++) {
        float stored = stored_at(ray.start + stride * (float(n) + 0.5));
#if MODE == 3
        stored = max(stored * attenuation_from_stored.x + attenuation_from_stored.y, 0.0);
#endif
        sum += stored;
    }
    return sum;
}

void main() {
    Ray ray = ray_of(gl_FragCoord.xy);
    if (ray.span_mm <= 0.0) {
        result = vec2(0.0, -1.0);
        return;
    }
#if MODE < 2
    result = vec2(extreme(ray, ray.step_mm * step_mm, int(floor(ray.span_mm / step_mm))), 0.0);
#else
    int last = max(int(ceil(ray.span_mm / step_mm)), 1);
    float sum = total(ray, ray.step_mm * (ray.span_mm / float(last)), last);
#if MODE == 2
    result = vec2(sum / float(last), 0.0);
#else
    result = vec2(sum * ray.span_mm / float(last), 0.0);
#endif
#endif
}
