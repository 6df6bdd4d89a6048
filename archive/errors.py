"""Every error the program can tell a person about: a sentence, a code for programs, and the facts apart.

ScanError
 ├─ UsageError            usage              the call itself is wrong                        exit 2
 │   └─ BadSetting        bad-setting
 ├─ InnerFault            internal           a fault of ours that nothing foresaw            exit 1
 ├─ Interrupted           interrupted        Ctrl+C                                          exit 130
 ├─ ImportStopped         import-stopped     the process that imports ended in the middle    exit 1
 ├─ NothingThere          not-found          a path, selector or name that is not there      exit 1
 │   ├─ PathGone          path-not-found
 │   ├─ Ambiguous         ambiguous
 │   ├─ NoSuchStack       no-such-stack
 │   ├─ NoSuchTime        no-such-time
 │   └─ NoSuchPreset      no-such-preset
 ├─ Refused               refused            a file or a wish that cannot be served          exit 1
 │   ├─ NotDicom          not-dicom
 │   ├─ Unreadable        unreadable
 │   │   ├─ CutShort      cut-short
 │   │   ├─ HeaderAlone   header-alone
 │   │   └─ UnsupportedFile  unsupported-file
 │   ├─ BadHeader         truncated-header
 │   ├─ TooLarge          too-large
 │   │   ├─ VolumeTooLarge volume-too-large
 │   │   └─ EmptyClaim    empty-claim
 │   ├─ UnknownSyntax     unknown-syntax
 │   ├─ Undecodable       undecodable
 │   ├─ NoVolume          no-volume
 │   ├─ UnevenStack       uneven
 │   ├─ UnknownFormat     unknown-format
 │   ├─ FilesGone         files-gone
 │   ├─ BadScene          bad-scene
 │   ├─ BadPreset         bad-preset
 │   ├─ CannotWrite       cannot-write
 │   ├─ ArchiveThere      archive-there
 │   └─ BadBackup         bad-backup
 ├─ NoGraphics            no-graphics        no display or no OpenGL 3.3                     exit 1
 │   ├─ NoDisplay         no-display
 │   ├─ NoOffscreen       no-offscreen
 │   └─ NoWindowGraphics  no-window-graphics
 └─ ArchiveClosed         archive            the archive cannot be opened                    exit 4
     ├─ ArchiveLocked     locked
     ├─ ArchiveDamaged    damaged
     ├─ WrongKey          wrong-key
     │   └─ WrongPassphrase  wrong-passphrase
     ├─ KeyLost           key-lost
     ├─ ArchiveSealed     sealed             a passphrase is needed, and nobody gave one
     ├─ ArchiveNewer      newer
     ├─ ArchiveFull       full
     ├─ ArchiveFailing    disk-error
     └─ ArchiveReadOnly   read-only

The English sentence lives here; the French one in ui/texts under `error.<code>`. Facts never hold a patient's name, ID
or any other value of a header; a path is named by its last component only, and only where the user typed it.
"""

from typing import Any, ClassVar


class ScanError(Exception):
    """Base of the family. Facts are keyword arguments and fill the sentence's braces."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "Something went wrong."
    hint: ClassVar[str] = ""
    status: ClassVar[int] = 1

    def __init__(self, **facts: Any) -> None:
        super().__init__()
        self.facts = facts

    def __str__(self) -> str:
        return self.sentence.format_map(_Blank(self.facts))

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), self.facts)


class _Blank(dict[str, Any]):
    """A fact that was not given shows as a dash: a sentence must never fail."""

    def __missing__(self, key: str) -> str:
        return "–"


def _remade(kind: type[ScanError], facts: dict[str, Any]) -> ScanError:
    return kind(**facts)


class UsageError(ScanError):
    code = "usage"
    sentence = "{what}"
    hint = "See tomotheque --help."
    status = 2


class BadSetting(UsageError):
    code = "bad-setting"
    sentence = "{name} can be one of: {allowed}."
    hint = "tomotheque settings lists them all."


class InnerFault(ScanError):
    code = "internal"
    sentence = "Tomotheque met a fault of its own ({kind})."
    hint = "What was saved is safe. With TOMOTHEQUE_TRACEBACK=1 it shows where that happened."


class Interrupted(ScanError):
    code = "interrupted"
    sentence = "Interrupted; what was done until then is kept."
    status = 130


class ImportStopped(ScanError):
    code = "import-stopped"
    sentence = "The import stopped in the middle, for a reason it could not tell."
    hint = "What was imported is safe. Import the folder again: it goes on where it stopped."


class NothingThere(ScanError):
    code = "not-found"
    sentence = "The archive holds nothing that is named {what}."
    hint = "tomotheque search lists what is there."


class PathGone(NothingThere):
    code = "path-not-found"
    sentence = "There is no file or folder {name}."
    hint = "Check the spelling, or reconnect the drive it lies on."


class Ambiguous(NothingThere):
    code = "ambiguous"
    sentence = "{count} series begin with {what}."
    hint = "Give more characters of the identifier."


class NoSuchStack(NothingThere):
    code = "no-such-stack"
    sentence = "There is no stack {stack}: the series has {count}."
    hint = "tomotheque info lists them."


class NoSuchTime(NothingThere):
    code = "no-such-time"
    sentence = "There is no time {time}: the stack has {count}."
    hint = "tomotheque info says how many."


class NoSuchPreset(NothingThere):
    code = "no-such-preset"
    sentence = "There is no preset {name}."
    hint = "tomotheque presets lists them."


class Refused(ScanError):
    code = "refused"
    sentence = "This cannot be done: {why}."


class NotDicom(Refused):
    code = "not-dicom"
    sentence = "{name} is not a scan that Tomotheque can read."
    hint = "It reads DICOM, NIfTI, NRRD, MetaImage, NumPy and common pictures."


class Unreadable(Refused):
    code = "unreadable"
    sentence = "{name} could not be read ({reason})."
    hint = "Try again, or copy it from its source once more."


class CutShort(Unreadable):
    code = "cut-short"
    sentence = "{name} ends before its voxels do."
    hint = "Copy it from its source once more."


class HeaderAlone(Unreadable):
    code = "header-alone"
    sentence = "{name} only describes a scan; the file that holds the voxels is not beside it."
    hint = "Put both files of the pair into one folder."


class UnsupportedFile(Unreadable):
    code = "unsupported-file"
    sentence = "{name} is stored in a way that Tomotheque does not read ({reason})."
    hint = "Convert it first, for instance to NIfTI (.nii)."


class BadHeader(Refused):
    code = "truncated-header"
    sentence = "{name} ends in the middle of its header."
    hint = "Copy it from its source once more."


class TooLarge(Refused):
    code = "too-large"
    sentence = "{what} would need {wanted}, more than the {allowed} that can be given."
    hint = "Ask for less, or use a machine with more memory."


class VolumeTooLarge(TooLarge):
    code = "volume-too-large"
    sentence = "The volume would need {wanted} of memory, more than the {allowed} that can be given."


class EmptyClaim(TooLarge):
    code = "empty-claim"
    sentence = "The header promises {wanted} of pixels, but the file holds {allowed}."
    hint = "The file is damaged; copy it from its source once more."


class UnknownSyntax(Refused):
    code = "unknown-syntax"
    sentence = "Pixels in the transfer syntax {syntax} ({name}) cannot be decoded."
    hint = "The record stays in the archive; the file is untouched."


class Undecodable(Refused):
    code = "undecodable"
    sentence = "The pixels of {count} of {total} images could not be decoded."
    hint = "The files may be damaged; copy them from their source once more."


class NoVolume(Refused):
    code = "no-volume"
    sentence = "This series is no volume, so there is no {view} view of it."
    hint = "Use --view frames to see its images."


class UnevenStack(Refused):
    code = "uneven"
    sentence = "The slices of this stack are not evenly spaced ({least_mm:.2f} to {most_mm:.2f} mm)."
    hint = "--resample writes a regular grid."


class UnknownFormat(Refused):
    code = "unknown-format"
    sentence = "The ending of {name} names no format that can be written."
    hint = "The formats are .nii, .nii.gz, .nrrd and .npy."


class FilesGone(Refused):
    code = "files-gone"
    sentence = "{missing} of the {total} images are no longer in their folder."
    hint = "Reconnect the drive, or show Tomotheque where the folder is now (relink). Nothing was removed from the archive."


class BadScene(Refused):
    code = "bad-scene"
    sentence = "{name} is no scene that this version can read."
    hint = "Scenes are written with --save-scene."


class BadPreset(Refused):
    code = "bad-preset"
    sentence = "This file holds no preset of the 3D view ({reason})."
    hint = "Presets that Tomotheque has saved can be read again."


class CannotWrite(Refused):
    code = "cannot-write"
    sentence = "{name} could not be written ({reason})."
    hint = "Check that the folder exists and has room."


class ArchiveThere(Refused):
    code = "archive-there"
    sentence = "There is an archive in this data directory already; a backup is only restored where there is none."
    hint = "Name another place with --data-dir, or move the archive away first."


class BadBackup(Refused):
    code = "bad-backup"
    sentence = "{name} is not a whole backup of an archive."
    hint = "Take another backup file; nothing was changed."


class NoGraphics(ScanError):
    code = "no-graphics"
    sentence = "{what}"
    hint = "Install libgl1, libegl1 and libgl1-mesa-dri (or your graphics driver). The archive works without."


class NoDisplay(NoGraphics):
    code = "no-display"
    sentence = "There is no display that a window could be shown on."
    hint = "The command line works without: see tomotheque --help, or try tomotheque demo."


class NoOffscreen(NoGraphics):
    code = "no-offscreen"
    sentence = "OpenGL 3.3 cannot be used without a window on this machine."


class NoWindowGraphics(NoGraphics):
    code = "no-window-graphics"
    sentence = "The graphics driver gives the window no OpenGL 3.3."


class ArchiveClosed(ScanError):
    code = "archive"
    sentence = "The archive cannot be opened."
    hint = "tomotheque doctor says where it lies."
    status = 4


class ArchiveLocked(ArchiveClosed):
    code = "locked"
    sentence = "Another import is writing to the archive."
    hint = "Wait until it has ended, then try again."


class ArchiveDamaged(ArchiveClosed):
    code = "damaged"
    sentence = "The archive's database is damaged; it was left as it is."
    hint = "tomotheque repair rebuilds it beside the damaged one; tomotheque restore brings back a backup."


class WrongKey(ArchiveClosed):
    code = "wrong-key"
    sentence = "The key does not fit this archive."
    hint = "Put back the key file or keyring entry that belongs to it."


class WrongPassphrase(WrongKey):
    code = "wrong-passphrase"
    sentence = "This is not the passphrase or recovery code of this archive."
    hint = "Try again. Where the passphrase is forgotten, the recovery code opens it: tomotheque key recover."


class KeyLost(ArchiveClosed):
    code = "key-lost"
    sentence = "The key of this archive is not in its place."
    hint = "Put back the key file or unlock the keyring, or use the recovery code: tomotheque key recover. Without any of them the archive cannot be read."


class ArchiveSealed(ArchiveClosed):
    code = "sealed"
    sentence = "A passphrase locks this archive."
    hint = "Enter it; without a terminal it is the first line of the standard input."


class ArchiveNewer(ArchiveClosed):
    code = "newer"
    sentence = "This archive was written by a newer Tomotheque (format {found}, this one knows {known})."
    hint = "Update Tomotheque; nothing was changed."


class ArchiveFull(ArchiveClosed):
    code = "full"
    sentence = "The disk that holds the archive is full."
    hint = "Free some room (100 MB are enough for most imports) and go on: what was saved is safe."


class ArchiveFailing(ArchiveClosed):
    code = "disk-error"
    sentence = "The disk that holds the archive reports an error."
    hint = "What was saved before is unchanged. Check the disk, then try again; if it stays, tomotheque repair."


class ArchiveReadOnly(ArchiveClosed):
    code = "read-only"
    sentence = "The archive lies where nothing can be written, so it can only be read."
    hint = "Ask for the right to write there, or bring a backup of it back in another place."
