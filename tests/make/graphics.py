"""Fixtures of the renderer: one off-screen context for all tests, and renderers that are given back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archive.errors import NoGraphics
from archive.volumes.volume import Volume
from render import context
from render.context import Gpu
from render.frame import Renderer


@pytest.fixture(scope="session")
def gpu() -> Gpu:
    """EGL without a display; the tests are skipped, saying so, where there is none."""
    try:
        return context.offscreen()
    except NoGraphics as error:
        pytest.skip(str(error))


@pytest.fixture
def renderer_of(gpu: Gpu) -> Iterator[Callable[[Volume], Renderer]]:
    """Makes a renderer that shows a volume, and gives it back to the driver after the test."""
    made: list[Any] = []

    def make(volume: Volume) -> Renderer:
        renderer = Renderer(gpu)
        made.append(renderer)
        renderer.set_volume(volume)
        renderer.update()
        return renderer

    yield make
    for renderer in made:
        renderer.release()
