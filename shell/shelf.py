"""Shelf: the application. Every use case is one method; the command line, the page and the tests use the same.

Methods hand back the JSON objects of the command line (built in `wire`), except where pixels or a picture are asked for.
"""

import os
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from shell import wire
from shell.places import Places
from shell.settings import Settings
from shell.texts import Texts

if TYPE_CHECKING:
    from archive.importing.receipt import Progress, Receipt
    from archive.index.catalogue import Catalogue
    from archive.index.keys import Ask
    from shell.shelf_open import Opened
    from shell.shelf_render import Wishes

Object = dict[str, Any]


class Shelf:
    """An archive on disk, or one in memory (a session), and everything that can be done with it.

    Safe to share between threads. The archive is opened at the first question; reading never makes one.
    """

    def __init__(self, data_dir: str | None, paths: Sequence[str], texts: Texts, ask: "Ask | None" = None) -> None:
        self.texts = texts
        self._ask = ask
        self.data_dir = data_dir
        self._to_fill = tuple(paths)
        self._catalogue: Catalogue | None = None
        self._lock = threading.RLock()
        self.receipt: Receipt | None = None  # of the session's import

    @classmethod
    def on_disk(cls, data_dir: str, texts: Texts, ask: "Ask | None" = None) -> "Shelf":
        """The archive of a data directory. ask: called for the passphrase of one that has one."""
        return cls(data_dir, (), texts, ask)

    @classmethod
    def session(cls, paths: Sequence[str], texts: Texts) -> "Shelf":
        """An archive in memory, filled from paths by `fill`, or at the first question."""
        return cls(None, paths, texts)

    @property
    def is_session(self) -> bool:
        return self.data_dir is None

    def close(self) -> None:
        with self._lock:
            if self._catalogue is not None:
                self._catalogue.back_up_when_due()
                self._catalogue.close()
                self._catalogue = None

    def unlock(self, passphrase: str) -> None:
        """Open an archive that a passphrase seals; raises WrongPassphrase. It stays open until `lock` or `close`."""
        with self._lock:
            self._ask = lambda: passphrase
            self.catalogue()

    def lock(self) -> None:
        """Close the archive and forget its passphrase: the next question raises ArchiveSealed."""
        with self._lock:
            self._ask = None
            self.close()

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # the archive behind it
    def catalogue(self, create: bool = False) -> "Catalogue":
        """The open catalogue. `create` makes the archive where there is none yet."""
        with self._lock:
            if self._catalogue is None or self._is_made_meanwhile(create):
                self._catalogue = self._opened(create)
                for _ in self.fill():
                    pass
            return self._catalogue

    def _is_made_meanwhile(self, create: bool) -> bool:
        """There was no archive on disk when we looked; now one is wanted, or another process has made it."""
        stale = self._catalogue is not None and self.data_dir is not None and not self._catalogue.exists
        return stale and (create or os.path.isdir(str(self.data_dir)))

    def _opened(self, create: bool) -> "Catalogue":
        from archive.index.catalogue import Catalogue

        return Catalogue.in_memory() if self.data_dir is None else Catalogue.open(self.data_dir, create, self._ask)

    def fill(self) -> "Iterator[Progress]":
        """Read a session's paths; does nothing the second time, nor for an archive on disk."""
        with self._lock:
            paths, self._to_fill = self._to_fill, ()
        if paths:
            yield from self.import_(paths)

    # import
    def import_(self, paths: Sequence[str], copy: bool = False) -> "Generator[Progress, None, None]":
        """Import files and folders in place; the last progress carries the receipt. Closing it cancels.

        copy: keep a managed copy of every image in the data directory besides.
        """
        from archive.importing.order import Wishes, import_paths

        catalogue = self.catalogue(create=True)
        wishes = Wishes(copy, self._patient_limit())
        whole = [os.fsencode(os.path.abspath(path)) for path in paths]
        for progress in import_paths(whole, catalogue, wishes=wishes):
            if progress.receipt is not None:
                self.receipt = progress.receipt
            yield progress
        catalogue.back_up_when_due()

    def _patient_limit(self) -> int:
        """The limit that somebody set for this archive; a session keeps nothing, so it has none."""
        return int(Settings(Places(self.data_dir)).get("patient-limit")) if self.data_dir is not None else 0

    def receipts(self) -> list[Object]:
        """The receipts of the last imports, newest first, each with its time (`at`)."""
        from archive.importing.receipt import kept

        return [{"at": at, **self.receipt_json(receipt)} for at, receipt in kept(self.catalogue())]

    def receipt_json(self, receipt: "Receipt") -> Object:
        return receipt.as_json(self.texts.say)

    # finding
    def search(self, text: str = "", limit: int = 200, after: str = "") -> Object:
        """Studies that match every word, newest first."""
        catalogue = self.catalogue()
        started = time.monotonic()
        found = catalogue.search(text, limit, after)
        return wire.page(
            found, self.texts, round(time.monotonic() - started, 1)
        )  # tenths: the same call, the same answer

    def study(self, key: str) -> Object:
        return wire.study(self.catalogue().study(key), self.texts)

    def totals(self) -> Object:
        return wire.totals(self.catalogue().totals())

    # looking
    def look(self, selector: str) -> "Opened":
        """A selector (series UID, unique prefix, series key, or path) with its stacks and files; close it after use."""
        from shell.shelf_open import opened

        return opened(self, selector)

    def info(self, selector: str, *, images: bool = False, tags: bool = False, image: int | None = None) -> Object:
        """What a series or path holds."""
        from shell.shelf_info import info

        return info(self, selector, images=images, tags=tags, image=image)

    def export(self, selector: str, target: str, **wishes: Any) -> tuple[Object, bool]:
        """Write one stack to a file; the object, and whether all of it could be read."""
        from shell.shelf_export import export

        return export(self, selector, target, **wishes)

    def render(self, selector: str, target: str, wish: "Wishes", **how: Any) -> tuple[Object, bool]:
        """Make a picture; the object, and whether all of the stack could be read."""
        from shell.shelf_render import render

        return render(self, selector, target, wish, **how)

    # what a person makes: each undoable, no image file is ever touched
    def tag(self, study: str, add: Sequence[str], remove: Sequence[str]) -> Object:
        return wire.study(self._kept().tag(study, add, remove), self.texts)

    def note(self, study: str, text: str) -> Object:
        return wire.study(self._kept().note(study, text), self.texts)

    def forget(self, level: str, selector: str) -> Object:
        """Take a series, study or patient out of the archive; its files stay."""
        return {"level": level, "forgotten": self._kept().forget(level, selector)}

    def merge(self, patient: str, into: str) -> Object:
        self._kept().merge(patient, into)
        return {"merged": patient, "into": into}

    def split(self, patient: str) -> Object:
        return {"patient": patient, "split": self._kept().split(patient)}

    def undo(self) -> Object:
        undone = self._kept().undo()
        return {"kind": undone.kind, "count": undone.count}

    def _kept(self) -> "Catalogue":
        """The catalogue, where there is something that a person's words could belong to."""
        return self.catalogue()

    # files
    def verify(self, root: str | None = None, deep: bool = False) -> Object:
        return wire.verified(self.catalogue().verify(_bytes(root), deep))

    def relink(self, new: str, old: str | None = None) -> Object:
        found = _bytes(new)
        assert found is not None
        return {"relinked": self.catalogue().relink(found, _bytes(old))}

    # the page
    def recent(self, limit: int = 20) -> list[Object]:
        """The series opened last, newest first."""
        return [wire.opened(row, self.texts) for row in self.catalogue().recent(limit)]

    def remember_opened(self, series_key: str, view: Object | None = None) -> None:
        self.catalogue().remember_opened(series_key, view)

    def thumbnail(self, series_key: str) -> bytes | None:
        """The PNG of a series: kept, or made now from its middle slice."""
        from shell.shelf_thumbnail import thumbnail

        return thumbnail(self, series_key)

    def notices(self) -> list[str]:
        """Sentences on what was odd when the archive was opened."""
        return [self.texts.say(f"notice.{notice.code}", **notice.facts) for notice in self.catalogue().notices]


def _bytes(path: str | None) -> bytes | None:
    return os.fsencode(os.path.abspath(path)) if path is not None else None
