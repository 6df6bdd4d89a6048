#version 330 core
// Second pass of slices and projections: stored values through the window to colours.
#include "lib/window.glsl"
uniform sampler2D values;
uniform vec2 origin;       // of the pane in the framebuffer
uniform vec2 shrink;       // values per pixel (1: as many)
uniform int colour_map;    // 0 grey, 1 inverted grey, 2 hot
uniform vec3 background;
uniform float clear_alpha; // alpha of what lies outside
out vec4 colour;

vec3 mapped(float grey) {
    if (colour_map == 2) {
        return clamp(vec3(grey * 2.6, grey * 2.6 - 0.85, grey * 3.2 - 2.2), 0.0, 1.0);
    }
    return vec3(colour_map == 1 ? 1.0 - grey : grey);
}

void main() {
    vec2 pixel = gl_FragCoord.xy - origin;
    vec2 found = texelFetch(values, min(ivec2(pixel * shrink), textureSize(values, 0) - 1), 0).rg;
    if (found.g < -0.5) {
        colour = vec4(background, clear_alpha);
        return;
    }
    vec3 shown = mapped(grey_of(found.r));
    float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, 12.0) < 2.0 ? 1.0 : 0.0;
    shown = found.g == 1.0 ? shown * 0.45 : shown;                            // not read yet: a neighbour, dimmed
    shown = found.g >= 2.0 ? mix(shown * 0.5, vec3(0.75, 0.42, 0.25), 0.55 * stripe) : shown;  // damaged, or a hole
    colour = vec4(shown, 1.0);
}
