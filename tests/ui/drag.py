"""A small window from which files can be dragged; `python drag.py PATH...`. It stays in the corner of the screen."""

import os
import sys

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Pressing and moving starts the drag."""

    def mouseMoveEvent(self, _: QMouseEvent) -> None:
        data = QMimeData()
        data.setData("text/uri-list", b"".join(b"file://" + os.fsencode(path) + b"\r\n" for path in sys.argv[1:]))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    application = QApplication(["source"])
    source = Source("x")
    source.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.BypassWindowManagerHint)
    source.setGeometry(0, 0, 40, 40)
    source.show()
    print("shown", flush=True)
    sys.exit(application.exec())
