"""Copying: what an import does besides when it is asked for managed copies (--copy)."""

import contextlib
from dataclasses import dataclass, field

from archive.importing.copies import CopyStore
from archive.index.adding import Adder, Arrival, Folder
from archive.intake.containers import ContainerError, Containers
from archive.intake.found import FoundFile
from archive.intake.header import Header
from archive.intake.reading import opened


@dataclass(eq=False)
class Copier:
    """Copies images into the store and enters each copy as one more location of its image."""

    store: CopyStore
    adder: Adder
    copied: int = 0
    copied_bytes: int = 0
    there: int = 0  # already in the store
    failed: int = 0
    _folders: dict[bytes, Folder] = field(default_factory=dict)

    def arrival(self, file: FoundFile, header: Header, containers: Containers) -> Arrival | None:
        """The copy of a file, to be added behind it; None where it is known already, or could not be made."""
        try:
            with contextlib.closing(opened(file.path, file.member, containers)) as source:
                kept = self.store.keep(source)
        except (OSError, ContainerError):
            self.failed += 1
            return None
        self.copied += kept.is_new
        self.copied_bytes += kept.size * kept.is_new
        self.there += not kept.is_new
        folder = self._folders.get(kept.folder) or self.adder.folder(kept.folder)
        self._folders[kept.folder] = folder
        if folder.known(kept.name, kept.size, kept.mtime_ns) is not None:
            return None
        return Arrival(folder, kept.name, None, kept.size, kept.mtime_ns, header)

    def facts(self) -> dict[str, int]:
        """What the receipt says of it."""
        return {"files": self.copied, "bytes": self.copied_bytes, "already": self.there, "failed": self.failed}
