#version 330 core
// Coverage of a stroke with round ends, or the halo that keeps it legible on any picture.
uniform vec2 halo;
in vec2 place;
flat in vec4 line_ends;
flat in float half_width;
flat in vec4 colour_of;
out vec4 colour;

void main() {
    vec2 along = line_ends.zw - line_ends.xy;
    float t = clamp(dot(place - line_ends.xy, along) / max(dot(along, along), 1.0e-8), 0.0, 1.0);
    float away = length(place - line_ends.xy - t * along) - half_width;
    if (halo.x > 0.0) {
        float soft = 1.0 - clamp(away / halo.x, 0.0, 1.0);
        colour = vec4(0.0, 0.0, 0.0, halo.y * soft * soft * colour_of.a);
    } else {
        colour = vec4(colour_of.rgb, colour_of.a * clamp(0.5 - away, 0.0, 1.0));
    }
}
