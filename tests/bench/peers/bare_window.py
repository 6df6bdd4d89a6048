"""The least that any program with a web page as its window must do: one pywebview window, one sentence."""

import webview

PAGE = (
    "<!doctype html><title>bare</title><h1>A window with a page</h1><p>The quick brown fox jumps over the lazy dog.</p>"
)

if __name__ == "__main__":
    webview.create_window("bare", html=PAGE, width=1200, height=760)
    webview.start(gui="qt")
