// The window of PS3.3 C.11.2.1.2 over stored values; render/window.py has the same formula (`ramp`, `grey`).
uniform float window_low;
uniform float window_gain;
uniform int window_sigmoid;
uniform int window_invert;

float grey_of(float stored) {
    float t = (stored - window_low) * window_gain;
    float grey = window_sigmoid == 1 ? 1.0 / (1.0 + exp(clamp(-4.0 * t, -80.0, 80.0))) : clamp(t, 0.0, 1.0);
    return window_invert == 1 ? 1.0 - grey : grey;
}
