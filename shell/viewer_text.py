"""Labels in any script: drawn by Qt's text engine, which shapes, mixes directions and falls back from font to font.

Qt is loaded at the first label that our own font cannot write (80-180 ms once), never before.
"""

import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# What Inter holds of the world's scripts, as code points: Latin, Greek, Cyrillic, punctuation, signs.
_OURS: Final = ((0x20, 0x52F), (0x1E00, 0x1FFF), (0x2010, 0x20CF), (0x2100, 0x22FF))


def is_ours(text: str) -> bool:
    """Whether our own font writes the text rightly, without shaping."""
    return all(any(low <= ord(sign) <= high for low, high in _OURS) for sign in text)


class LabelPainter:
    """Turns text into pictures. One per process: it owns the QGuiApplication."""

    def __init__(self) -> None:
        self._application: Any = None

    def paint(self, text: str, height_px: float, width_px: int, colour: tuple[float, ...]) -> NDArray[np.uint8]:
        """RGBA picture [rows, columns, 4] of one line, straight alpha, cut with an ellipsis at `width_px`."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

        self._start()
        font = QFont()
        font.setPixelSize(max(int(height_px), 1))
        metrics = QFontMetrics(font)
        line = metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, width_px)
        size = max(metrics.horizontalAdvance(line), 1), max(metrics.height(), 1)
        image = QImage(*size, QImage.Format.Format_RGBA8888)
        red, green, blue = (round(255 * part) for part in colour[:3])
        image.fill(QColor(red, green, blue, 0))
        painter = QPainter(image)
        painter.setFont(font)
        painter.setPen(QColor(red, green, blue))
        painter.drawText(QPoint(0, metrics.ascent()), line)
        painter.end()
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(size[1], image.bytesPerLine())
        return pixels[:, : size[0] * 4].reshape(size[1], size[0], 4).copy()

    def _start(self) -> None:
        if self._application is None:
            os.environ["QT_QPA_PLATFORM"] = "offscreen"  # GLFW owns the screen
            os.environ["QT_LOGGING_RULES"] = "qt.text.font.db=false"  # a script without a font shows as boxes, silently
            from PySide6.QtGui import QGuiApplication

            self._application = QGuiApplication.instance() or QGuiApplication([])
