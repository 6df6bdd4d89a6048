#version 330 core
// The ray-cast picture onto its pane: enlarged where it was drawn small, over the background or with straight alpha.
uniform sampler2D picture;  // premultiplied
uniform vec2 origin;
uniform vec2 pane_size;
uniform vec3 background;
uniform int transparent;
out vec4 colour;

void main() {
    vec4 seen = texture(picture, (gl_FragCoord.xy - origin) / pane_size);
    if (transparent == 1) {
        colour = vec4(seen.a > 0.0 ? seen.rgb / seen.a : vec3(0.0), seen.a);
    } else {
        colour = vec4(seen.rgb + (1.0 - seen.a) * background, 1.0);
    }
}
