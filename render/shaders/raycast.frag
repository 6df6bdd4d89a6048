#version 330 core
// Direct volume rendering in patient millimetres: search for the next visible sample, then shade it.
//
// name       default  range    sentence
// step_mm    half a   > 0      Distance between two samples; the table holds the opacity of one step.
// ambient    0.2      0..1     Light that comes from everywhere.
// diffuse    0.8      0..1     Light of matt surfaces.
// specular   0.2      0..1     Light of glossy surfaces.
// power      20       1..128   How small the highlights are.
// edge       0        >= 0     Softer transitions than this (real values per mm) fade away.
//
// Sample n lies n steps behind the entry (n = 1, 2, ...) and stands for the step before it; the last stands for what is
// left. Its place is always start + step * float(n), never a running sum: skipping leaves every sample where it was.
#include "lib/sample.glsl"
#include "lib/ray.glsl"
#include "lib/light.glsl"
uniform usampler3D distances;    // to the nearest block that shows anything, in blocks of 8
uniform sampler2D table;
uniform vec2 visible;            // texels
uniform vec2 entry_from_texel;
uniform float step_mm;
out vec4 colour;

const float OPAQUE = 254.0 / 255.0;
const float EDGE = 8.0;

void main() {
    Ray ray = ray_of(gl_FragCoord.xy);
    vec4 sum = vec4(0.0);
    float whole = floor(ray.span_mm / step_mm);
    float rest = ray.span_mm - whole * step_mm;
    int last = ray.span_mm > 0.0 ? int(whole) + (rest > 1.0e-4 * step_mm ? 1 : 0) : 0;
    ivec3 last_block = textureSize(distances, 0) - 1;
    vec3 stride = ray.step_mm * step_mm;
    int n = 1;
    while (n <= last && sum.a < OPAQUE) {
        float texel = 0.0;
        vec3 index = ray.start;
        bool found = false;
        while (n <= last && !found) {                                    // search
            index = ray.start + stride * float(n);
            ivec3 block = clamp(ivec3(index / EDGE), ivec3(0), last_block);
            float reach = float(texelFetch(distances, block, 0).r);
            vec3 cube = vec3(block) - max(reach - 1.0, 0.0);
            float exit = exit_mm(ray, cube * EDGE, (cube + 2.0 * max(reach - 1.0, 0.0) + 1.0) * EDGE) / step_mm;
            // Leave by the first sample outside; a hair early is harmless, late would skip one.
            int next = max(n + 1, exit < float(last) ? int(ceil(exit - 1.0e-3)) : last + 1);
            if (reach > 0.0) {
                n = next;
            } else {
                while (n < next && !found) {
                    index = n > int(whole) ? ray.start + ray.step_mm * ray.span_mm : ray.start + stride * float(n);
                    texel = filtered_at(index);
                    found = texel >= visible.x && texel <= visible.y;
                    n += found ? 0 : 1;
                }
            }
        }
        if (found) {                                                     // shade
            vec4 look = texture(table, vec2(texel * entry_from_texel.x + entry_from_texel.y, 0.5));
            if (look.a > 0.0) {
                float alpha = n > int(whole) ? 1.0 - pow(1.0 - look.a, rest / step_mm) : look.a;
                vec4 lit = lit_at(index, look.rgb, alpha, ray, n == 1);
                sum += (1.0 - sum.a) * lit.a * vec4(lit.rgb, 1.0);
            }
            n++;
        }
    }
    colour = sum;
}
