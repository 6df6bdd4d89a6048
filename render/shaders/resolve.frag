#version 330 core
// The ray-cast picture onto its pane: enlarged where it was drawn small, over the background or with straight alpha.
#include "lib/noise.glsl"
uniform sampler2D picture;  // premultiplied, the sum of so many passes
uniform float passes;
uniform vec2 origin;
uniform vec2 pane_size;
uniform vec3 background;
uniform int transparent;
out vec4 colour;

void main() {
    vec4 seen = texture(picture, (gl_FragCoord.xy - origin) / pane_size) / passes;
    if (transparent == 1) {
        colour = vec4(seen.a > 0.0 ? seen.rgb / seen.a : vec3(0.0), seen.a);
    } else {
        float dither = passes > 1.0 && seen.a > 0.0 ? (noise_at(gl_FragCoord.xy) - 0.5) / 255.0 : 0.0;  // against bands
        colour = vec4(seen.rgb + (1.0 - seen.a) * background + dither, 1.0);
    }
}
