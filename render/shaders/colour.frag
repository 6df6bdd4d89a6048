#version 330 core
// A frame that is a colour picture, as it is.
uniform sampler3D volume;
uniform vec3 size_ijk;
uniform mat4 index_from_pixel;
uniform float picture_rows;
uniform vec2 origin;
uniform int is_nearest;
uniform vec3 background;
uniform float clear_alpha;  // alpha of what lies outside
out vec4 colour;

void main() {
    vec2 pixel = gl_FragCoord.xy - origin;
    vec3 index = (index_from_pixel * vec4(pixel.x - 0.5, picture_rows - pixel.y - 0.5, 0.0, 1.0)).xyz;
    bool inside = all(greaterThanEqual(index, vec3(-0.5))) && all(lessThanEqual(index, size_ijk - 0.5));
    index.z = floor(index.z + 0.5);
    if (is_nearest == 1) {
        index = floor(index + 0.5);
    }
    colour = inside ? vec4(texture(volume, (index + 0.5) / size_ijk).rgb, 1.0) : vec4(background, clear_alpha);
}
