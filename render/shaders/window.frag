#version 330 core
// Second pass of oblique slices, slabs and projections: stored values through the window to colours.
#include "lib/window.glsl"
uniform sampler2D values;
uniform vec2 origin;       // of the pane in the framebuffer
uniform vec2 shrink;       // values per pixel (1: as many)
out vec4 colour;

void main() {
    vec2 pixel = gl_FragCoord.xy - origin;
#if SMALL
    vec2 found = texelFetch(values, min(ivec2(pixel * shrink), textureSize(values, 0) - 1), 0).rg;
#else
    vec2 found = texelFetch(values, ivec2(pixel), 0).rg;
#endif
    colour = colour_of(found.r, found.g);
}
