#version 330 core
// A stroke as a rectangle around its line, with room for the soft edge; pixels from the top left.
uniform vec2 picture_size;
uniform vec2 halo;  // width around the stroke, and alpha; 0: the stroke itself
in vec4 ends;
in float width;
in vec4 ink;
out vec2 place;
flat out vec4 line_ends;
flat out float half_width;
flat out vec4 colour_of;

void main() {
    vec2 along = ends.zw - ends.xy;
    along = dot(along, along) > 1.0e-8 ? normalize(along) : vec2(1.0, 0.0);
    float room = 0.5 * width + halo.x + 1.0;
    float side = float(gl_VertexID & 1) * 2.0 - 1.0;
    bool at_end = gl_VertexID >= 2;
    place = (at_end ? ends.zw + along * room : ends.xy - along * room) + vec2(-along.y, along.x) * side * room;
    line_ends = ends;
    half_width = 0.5 * width;
    colour_of = ink;
    gl_Position = vec4(place.x / picture_size.x * 2.0 - 1.0, 1.0 - place.y / picture_size.y * 2.0, 0.0, 1.0);
}
