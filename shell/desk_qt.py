"""The desk's native parts on Qt: our page's scheme, the closed engine, folder dialogs, drops. All that is Qt's alone is here."""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QBuffer, QEvent, QLibraryInfo, QObject, Qt, QTranslator, QUrl, Signal
from PySide6.QtGui import QDragLeaveEvent, QGuiApplication, QIcon, QImage, QPixmap
from PySide6.QtWebEngineCore import (
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFileDialog, QListView, QTreeView

from shell import icon
from shell.pages import HOME, SCHEME, Page

APP_ID: Final = "org.tomotheque.Tomotheque"
_Attribute = QWebEngineSettings.WebAttribute
CLOSED: Final = (
    _Attribute.LocalContentCanAccessFileUrls,
    _Attribute.LocalContentCanAccessRemoteUrls,
    _Attribute.JavascriptCanOpenWindows,
    _Attribute.JavascriptCanAccessClipboard,
    _Attribute.JavascriptCanPaste,
    _Attribute.HyperlinkAuditingEnabled,
    _Attribute.ErrorPageEnabled,
    _Attribute.PluginsEnabled,
    _Attribute.PdfViewerEnabled,
    _Attribute.DnsPrefetchEnabled,
    _Attribute.NavigateOnDropEnabled,
    _Attribute.WebGLEnabled,
    _Attribute.ScreenCaptureEnabled,
    _Attribute.AutoLoadIconsForPage,
    _Attribute.FullScreenSupportEnabled,
)
# CSP does not stop WebRTC: it opens UDP sockets by itself. The socket filter does; this is for where there is none.
NO_PEERS: Final = (
    "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel']) delete globalThis[name];"
)
# What Qt and Chromium remark (no Vulkan, no system bus) is nothing a person could act on; their errors are still said.
QUIET_QT: Final = "default.warning=false;default.info=false;qt.webengine*=false;qt.vulkan=false"
QUIET_CHROMIUM: Final = "--log-level=3"
NO_NAMES: Final = '--host-resolver-rules="MAP * ~NOTFOUND"'
THEMES: Final = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}


def prepare() -> None:
    """What must be so before the application object: flags of the engine, our scheme, our name for the desktop."""
    flags_asked = (os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", ""), NO_NAMES, QUIET_CHROMIUM)
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(filter(None, flags_asked))
    os.environ.setdefault("QT_LOGGING_RULES", QUIET_QT)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"  # Chromium's sandbox refuses to start as root
    scheme = QWebEngineUrlScheme(SCHEME.encode())
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    flags = QWebEngineUrlScheme.Flag
    scheme.setFlags(flags.SecureScheme | flags.CorsEnabled | flags.FetchApiAllowed)
    QWebEngineUrlScheme.registerScheme(scheme)
    QGuiApplication.setDesktopFileName(APP_ID)


def icon_of_program() -> QIcon:
    """Our icon in all its sizes."""
    made = QIcon()
    for size in icon.SIZES:
        image = QImage(icon.pixels(size).tobytes(), size, size, 4 * size, QImage.Format.Format_RGBA8888)
        made.addPixmap(QPixmap.fromImage(image))
    return made


def fitting(width: int, height: int) -> tuple[int, int]:
    """A window's size, made smaller where the screen is: a title and a border must have their place too."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    return min(width, int(screen.width() * 0.96)), min(height, int(screen.height() * 0.92))


class _Pages(QWebEngineUrlSchemeHandler):
    """Answers the page's requests from memory."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        super().__init__()
        self._pages = pages

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        url = job.requestUrl()
        page = self._pages.get(url.path()) if url.host() == "ui" and job.requestMethod() == b"GET" else None
        if page is None:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        body = QBuffer(job)
        body.setData(page.content)
        job.reply(page.kind.encode(), body)


class _Drops(QObject):
    """Takes drops before Chromium does, which loses the second of two folders of one name and names that are not text."""

    def __init__(self, view: Any, on_drop: Callable[[tuple[bytes, ...], float, float], None]) -> None:
        super().__init__(view)
        self._view, self._on_drop = view, on_drop
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Drop:
            return False
        paths = paths_of(bytes(event.mimeData().data("text/uri-list").data()))  # type: ignore[attr-defined]
        if not paths:
            return False
        event.acceptProposedAction()  # type: ignore[attr-defined]
        QApplication.sendEvent(self._view, QDragLeaveEvent())  # the page takes its highlight back
        place = event.position()  # type: ignore[attr-defined]
        zoom = self._view.zoomFactor()
        threading.Thread(target=self._on_drop, args=(paths, place.x() / zoom, place.y() / zoom), daemon=True).start()
        return True


def paths_of(uri_list: bytes) -> tuple[bytes, ...]:
    """The local paths of a text/uri-list (RFC 2483) as the bytes they are."""
    uris = [line.strip() for line in uri_list.splitlines() if line.startswith(b"file://")]
    return tuple(unquote_to_bytes(uri.removeprefix(b"file://").removeprefix(b"localhost")) for uri in uris)


class QtNative(QObject):
    """The native parts of one window (counter.Native). Its methods may be called from any thread but Qt's own."""

    _wanted = Signal(object)

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang
        self._kept: list[Any] = []  # what Qt does not own and must not be collected
        self._main: Any = None
        self._leaving = False
        self._wanted.connect(lambda does: does(), Qt.ConnectionType.QueuedConnection)

    @property
    def is_leaving(self) -> bool:
        """Whether the window was told to close for good."""
        return self._leaving

    def furnish(
        self,
        main: Any,
        pages: Mapping[str, Page],
        theme: str,
        on_drop: Callable[[tuple[bytes, ...], float, float], None],
    ) -> None:
        """Close the engine, set our scheme and show the page. main: pywebview's Qt window, before it is shown."""
        self._main = main
        handler = _Pages(pages)
        main.profile.installUrlSchemeHandler(SCHEME.encode(), handler)
        for attribute in CLOSED:
            main.profile.settings().setAttribute(attribute, False)
        unknown = QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes
        main.profile.settings().setUnknownUrlSchemePolicy(unknown)
        main.profile.scripts().insert(_script(NO_PEERS))
        page = main.webview.page()
        page.createWindow = lambda _: None  # else a middle click opens the system's browser
        page.navigationRequested.connect(_only_home)
        self._kept += [handler, _Drops(main.webview, on_drop), *self._translated()]
        self._dress(theme)
        main.webview.setUrl(QUrl(HOME))

    def _translated(self) -> list[QTranslator]:
        """Qt's own dialogs in our language."""
        translator = QTranslator()
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{self._lang}", folder):
            QApplication.installTranslator(translator)
        return [translator]

    def dress(self, theme: str) -> None:
        self._wanted.emit(lambda: self._dress(theme))

    def _dress(self, theme: str) -> None:
        QGuiApplication.styleHints().setColorScheme(THEMES[theme])

    def choose(self, door: str, title: str) -> tuple[bytes, ...]:
        """A dialog for one or several folders, or for one file. Waits for the person; calls go on meanwhile."""
        over = threading.Event()
        chosen: list[str] = []
        self._wanted.emit(lambda: self._ask(door, title, chosen, over))
        over.wait()
        return tuple(os.fsencode(path) for path in chosen)

    def _ask(self, door: str, title: str, chosen: list[str], over: threading.Event) -> None:
        dialog = QFileDialog(self._main, title)
        if door == "other":
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        else:
            _choose_folders(dialog)
        dialog.filesSelected.connect(chosen.extend)
        dialog.finished.connect(lambda _: over.set())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()  # not exec(): Qt's loop goes on, and with it every answer

    def raise_window(self, activation: str) -> None:
        """Bring the window to the front, with the leave that a later start got from the desktop."""
        self._wanted.emit(lambda: self._raise(activation))

    def _raise(self, activation: str) -> None:
        if activation:
            os.environ["XDG_ACTIVATION_TOKEN"] = activation
        self._main.setWindowState(self._main.windowState() & ~Qt.WindowState.WindowMinimized)
        self._main.raise_()
        self._main.activateWindow()

    def leave(self) -> None:
        self._leaving = True
        self._wanted.emit(lambda: self._main.close())


def _choose_folders(dialog: QFileDialog) -> None:
    """Several folders at once: only Qt's own dialog can, when its lists are told so."""
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, True)
    for kind, name in ((QListView, "listView"), (QTreeView, "treeView")):
        view = dialog.findChild(kind, name)
        if isinstance(view, QAbstractItemView):
            view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)


def _only_home(request: Any) -> None:
    """A page navigated to would inherit our bridge: there is only one page."""
    if not (request.isMainFrame() and request.url().toString() == HOME):
        request.reject()


def _script(text: str) -> QWebEngineScript:
    script = QWebEngineScript()
    script.setSourceCode(text)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
    script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld)
    return script
