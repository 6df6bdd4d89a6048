"""The renderer's fixtures."""

from make.graphics import gpu, renderer_of

__all__ = ["gpu", "renderer_of"]
