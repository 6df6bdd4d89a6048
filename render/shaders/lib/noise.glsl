// Interleaved gradient noise (Jimenez 2014): 0..1, spread so evenly that neighbours make up for each other.
float noise_at(vec2 pixel) {
    return fract(52.9829189 * fract(dot(floor(pixel), vec2(0.06711056, 0.00583715))));
}
