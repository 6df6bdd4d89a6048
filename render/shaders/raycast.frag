#version 330 core
// Direct volume rendering in patient millimetres: search for the next visible sample, then shade it.
//
// name       default  range    sentence
// step_mm    half a   > 0      Distance between two samples; the table holds the opacity of one step.
// ambient    0.2      0..1     Light that comes from everywhere.
// diffuse    0.8      0..1     Light of matt surfaces.
// specular   0.2      0..1     Light of glossy surfaces.
// power      8        1..128   How small the highlights are.
// edge       0        >= 0     Softer transitions than this (real values per mm) fade away.
//
// Sample n lies n steps behind the entry (n = 1, 2, ...) and stands for the step before it; the last stands for what is
// left. Its place is always start + step * (float(n) - shift), never a running sum: skipping leaves every sample where it
// was. The shift, 0 or another one for every pixel and pass, trades rings for noise that a mean of passes takes away; the
// first sample then stands for the part of a step that lies before it, so that thin slabs and cuts keep their opacity.
// The loops have this form because software GL, and a card's wave, run every branch that one of their pixels takes: leaping,
// stepping and shading are apart, so that pixels wait for each other in the cheap phases and shade together. LIT 0: flat colour.
#include "lib/sample.glsl"
#include "lib/ray.glsl"
#include "lib/light.glsl"
#include "lib/noise.glsl"
uniform usampler3D distances;    // to the nearest block that shows anything, in blocks of 8
uniform sampler2D table;
uniform vec2 visible;            // texels
uniform vec2 entry_from_texel;
uniform float step_mm;
uniform vec2 jitter;  // x 1: shifted, 0: not; y: phase of this pass, 0..1
out vec4 colour;

const float OPAQUE = 254.0 / 255.0;
const float EDGE = 8.0;
const float CUT_SAMPLES = 4.0;  // so deep a cut face is lit as a plane: about two voxels

void main() {
    Ray ray = ray_of(gl_FragCoord.xy);
    float shift = jitter.x * fract(noise_at(gl_FragCoord.xy) + jitter.y);
    float whole = floor(ray.span_mm / step_mm + shift);
    float rest = ray.span_mm / step_mm + shift - whole;
    float last = ray.span_mm > 0.0 ? whole + (rest > 1.0e-4 ? 1.0 : 0.0) : 0.0;
    vec3 texture_start = (ray.start + 0.5) / size_ijk, texture_step = ray.step_mm / size_ijk;
    vec3 block_start = ray.start / EDGE, block_step = ray.step_mm / EDGE;
    vec3 last_block = vec3(textureSize(distances, 0) - 1);
    vec4 sum = vec4(0.0);
    float n = 1.0;    // the sample; whole numbers below 2^24 are exact
    float end = 0.0;  // last sample of the run inside an occupied block
    while (n <= last && sum.a < OPAQUE) {
        bool found = false;
        float texel = 0.0, t = 0.0;
        while (n <= last && !found) {
            while (n > end && n <= last) {                           // leap over empty blocks
                vec3 block = clamp(floor(block_start + block_step * min(step_mm * (n - shift), ray.span_mm)), vec3(0.0), last_block);
                float reach = float(texelFetch(distances, ivec3(block), 0).r);
                float room = max(reach - 1.0, 0.0);
                float exit = exit_mm(ray, (block - room) * EDGE, (block + room + 1.0) * EDGE) / step_mm + shift;
                float inside = max(n, ceil(exit - 1.0e-3) - 1.0);    // a hair early is harmless, late would skip a sample
                end = reach == 0.0 ? min(inside, last) : end;
                n = reach == 0.0 ? n : inside + 1.0;
            }
            while (n <= end) {
                t = min(step_mm * (n - shift), ray.span_mm);
                texel = textureLod(volume, texture_start + texture_step * t, 0.0).r;
                if (texel >= visible.x && texel <= visible.y) { found = true; break; }
                n += 1.0;
            }
        }
        if (found) {                                                 // shade one sample
            vec4 look = texture(table, vec2(texel * entry_from_texel.x + entry_from_texel.y, 0.5));
            float part = (n > whole ? rest : 1.0) - (n == 1.0 ? shift : 0.0);  // of a step that the sample stands for
            float alpha = part == 1.0 ? look.a : 1.0 - pow(1.0 - look.a, part);
#if LIT
            vec4 lit = lit_at(ray.start + ray.step_mm * t, look.rgb, alpha, ray, n <= CUT_SAMPLES);
#else
            vec4 lit = vec4(look.rgb, alpha);
#endif
            sum += (1.0 - sum.a) * lit.a * vec4(lit.rgb, 1.0);
            n += 1.0;
        }
    }
    colour = sum;
}
