// A stored value and what it is to a colour. The window is PS3.3 C.11.2.1.2's; render/window.py has the same formula (`ramp`, `grey`).
// SIGMOID 1: C.11.2.1.3.1; COLOUR_MAP 0 grey, 1 inverted grey, 2 hot; STATES 0: every slice of the volume is there.
// What does not change from pixel to pixel is a variant of the program: software GL runs both sides of every branch.
uniform float window_low;
uniform float window_gain;
uniform float window_sign;  // 1, or -1: black and white turned round (MONOCHROME1)
uniform vec4 outside;       // colour and alpha of what lies outside the volume

float grey_of(float stored) {
    float t = (stored - window_low) * window_gain;
#if SIGMOID
    float grey = 1.0 / (1.0 + exp(clamp(-4.0 * t, -80.0, 80.0)));
#else
    float grey = clamp(t, 0.0, 1.0);
#endif
    return window_sign * grey + max(-window_sign, 0.0);
}

vec3 mapped(float grey) {
#if COLOUR_MAP == 2
    return clamp(vec3(grey * 2.6, grey * 2.6 - 0.85, grey * 3.2 - 2.2), 0.0, 1.0);
#elif COLOUR_MAP == 1
    return vec3(1.0 - grey);
#else
    return vec3(grey);
#endif
}

// kind: -1 outside the volume, 0 a voxel, 1 not read yet, 2 damaged, 3 a hole of the series.
vec4 colour_of(float stored, float kind) {
    vec3 shown = mapped(grey_of(stored));
#if STATES
    float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, 12.0) < 2.0 ? 1.0 : 0.0;
    shown = kind == 1.0 ? shown * 0.45 : shown;                                                 // a neighbour, dimmed
    shown = kind >= 2.0 ? mix(shown * 0.5, vec3(0.75, 0.42, 0.25), 0.55 * stripe) : shown;      // hatched
#endif
    return kind < -0.5 ? outside : vec4(shown, 1.0);
}
