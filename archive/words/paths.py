"""Paths as text: bytes in no known encoding shown so that the text is whole and says what is there."""


def shown_path(path: bytes, member: str | None = None) -> str:
    """A path to be shown or written as JSON; a member of a container stands behind it, as if below it."""
    shown = path.decode("utf-8", "backslashreplace")
    if member is None:
        return shown
    return f"{shown}/{member.encode('utf-8', 'backslashreplace').decode()}"
