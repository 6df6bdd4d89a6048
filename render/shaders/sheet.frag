#version 330 core
// A sheet (render/sheet.py) in a slice view, through the window at once, or (WINDOWED 0) as (stored value, kind).
// INTERPOLATION 0 nearest, 1 linear, 2 cubic; ROWS 1: every row of the sheet is a slice with a state of its own;
// COVERED 1: the sheet covers the whole pane.
#if WINDOWED
#include "lib/window.glsl"
out vec4 result;
#else
out vec2 result;
#endif
uniform sampler2D sheet;
uniform sampler2D kinds;
uniform float kind;        // of the whole sheet, where ROWS is 0
uniform vec2 sheet_size;
uniform vec2 first;        // index (column, row) in the sheet of the framebuffer's pixel 0, 0
uniform vec2 right;        // and from a pixel to the next
uniform vec2 up;

float fetched(vec2 index) {
    return texelFetch(sheet, ivec2(clamp(index, vec2(0.0), sheet_size - 1.0)), 0).r;
}

float nearest_at(vec2 index) {
#if COVERED
    return texelFetch(sheet, ivec2(index + 0.5), 0).r;
#else
    return fetched(index + 0.5);
#endif
}

float linear_at(vec2 index) {
#if EXACT
    vec2 inside = clamp(index, vec2(0.0), sheet_size - 1.0);
    vec2 low = floor(inside), w = inside - low;
    float above = mix(fetched(low), fetched(low + vec2(1.0, 0.0)), w.x);
    float below = mix(fetched(low + vec2(0.0, 1.0)), fetched(low + 1.0), w.x);
    return mix(above, below, w.y);
#else
    return textureLod(sheet, (index + 0.5) / sheet_size, 0.0).r;
#endif
}

vec4 cubic_weights(float t) {
    float t2 = t * t, t3 = t2 * t;
    return vec4(-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1.0, -1.5 * t3 + 2.0 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2);
}

float cubic_at(vec2 index) {
    vec2 low = floor(index);
    vec4 wx = cubic_weights(index.x - low.x), wy = cubic_weights(index.y - low.y);
    float sum = 0.0;
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++) {
            sum += wx[x] * wy[y] * fetched(low + vec2(x - 1, y - 1));
        }
    }
    return sum;
}

void main() {
    vec2 index = first + gl_FragCoord.x * right + gl_FragCoord.y * up;
#if INTERPOLATION == 0
    float stored = nearest_at(index);
#elif INTERPOLATION == 1
    float stored = linear_at(index);
#else
    float stored = cubic_at(index);
#endif
#if COVERED && WINDOWED
#if !STATES
    result = vec4(mapped(grey_of(stored)), 1.0);  // the usual case, and the one that a drag of the window waits for
    return;
#endif
#endif
#if ROWS
    float own = texelFetch(kinds, ivec2(0, int(clamp(index.y + 0.5, 0.0, sheet_size.y - 1.0))), 0).r;
#else
    float own = kind;
#endif
#if !COVERED
    own = all(lessThanEqual(abs(index - 0.5 * (sheet_size - 1.0)), 0.5 * sheet_size)) ? own : -1.0;
#endif
#if WINDOWED
    result = colour_of(stored, own);
#else
    result = vec2(own < -0.5 ? 0.0 : stored, own);
#endif
}
