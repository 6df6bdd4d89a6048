"""Stored values to colours: the variant of lib/window.glsl that a window needs, and the pass that shows a float target."""

from dataclasses import dataclass
from typing import Any

import moderngl

from render.layout import Pane
from render.shader import Shader, Shaders
from render.targets import Target
from render.view import COLOUR_MAPS
from render.window import Window, ramp


@dataclass(frozen=True, eq=False)
class Place:
    """Where a picture goes: a pane (pixels from the top left) of a framebuffer of (width, height) pixels."""

    framebuffer: Any
    pane: Pane
    size: tuple[int, int]

    @property
    def below(self) -> int:
        """The pane's lowest row as OpenGL counts: from below."""
        return self.size[1] - self.pane.y - self.pane.height

    def enter(self) -> None:
        """Make the pane the place to draw to."""
        area = (self.pane.x, self.below, self.pane.width, self.pane.height)
        self.framebuffer.use()
        self.framebuffer.viewport = self.framebuffer.scissor = area


@dataclass(frozen=True)
class Ink:
    """How stored values become colours. `outside`: colour and alpha where there is no volume."""

    window: Window
    slope: float
    intercept: float
    invert: bool
    colour_map: str
    outside: tuple[float, float, float, float]
    has_states: bool  # some slice is not there, damaged or a hole

    def variant(self) -> dict[str, int]:
        return {
            "SIGMOID": int(self.window.function == "SIGMOID"),
            "COLOUR_MAP": COLOUR_MAPS.index(self.colour_map),
            "STATES": int(self.has_states),
        }

    def uniforms(self) -> dict[str, Any]:
        line = ramp(self.window, self.slope, self.intercept)
        sign = -1.0 if self.invert else 1.0
        return {"window_low": line.low, "window_gain": line.gain, "window_sign": sign, "outside": self.outside}


def show(shaders: Shaders, target: Target, ink: Ink, place: Place) -> None:
    """Draw a target of (stored value, kind) into its pane."""
    pane = place.pane
    shader = shaders.get("window.frag", {"SMALL": int(target.size != pane.size), **ink.variant()})
    shader.set(values=0, shrink=(target.size[0] / pane.width, target.size[1] / pane.height), **ink.uniforms())
    draw(shader, target, place)


def draw(shader: Shader, target: Target, place: Place) -> None:
    """Run a shader that reads a target over its pane."""
    target.texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    target.texture.use(0)
    place.enter()
    shader.set(origin=(float(place.pane.x), float(place.below)))
    shader.draw()
