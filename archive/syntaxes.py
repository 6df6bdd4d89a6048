"""Table of the transfer syntaxes: how the bytes of a data set and of its pixels are encoded (PS3.5 annex A)."""

from dataclasses import dataclass

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax. native: pixels lie in the file as plain integers or floats; codec: else, who decodes them."""

    uid: str
    name: str
    codec: str | None = None  # jpeg jpeg-lossless jpeg-ls j2k htj2k jxl rle video
    lossy: bool = False  # its pixels may differ from what was scanned
    retired: bool = False
    big_endian: bool = False
    implicit: bool = False
    deflated: bool = False

    @property
    def native(self) -> bool:
        return self.codec is None


_ROOT = "1.2.840.10008.1.2."

SYNTAXES = (
    Syntax(IMPLICIT_LITTLE, "Implicit VR Little Endian", implicit=True),
    Syntax(EXPLICIT_LITTLE, "Explicit VR Little Endian"),
    Syntax(DEFLATED_LITTLE, "Deflated Explicit VR Little Endian", deflated=True),
    Syntax(EXPLICIT_BIG, "Explicit VR Big Endian", big_endian=True, retired=True),
    # GE's own: the data set is little endian, the pixels are big endian and nobody says how wide.
    Syntax("1.2.840.113619.5.2", "GE private DLX Implicit VR", "unknown", implicit=True, retired=True),
    Syntax(_ROOT + "4.50", "JPEG Baseline (8 bit)", "jpeg", lossy=True),
    Syntax(_ROOT + "4.51", "JPEG Extended (12 bit)", "jpeg", lossy=True),
    Syntax(_ROOT + "4.53", "JPEG Spectral Selection, Non-Hierarchical", "jpeg", lossy=True, retired=True),
    Syntax(_ROOT + "4.55", "JPEG Full Progression, Non-Hierarchical", "jpeg", lossy=True, retired=True),
    Syntax(_ROOT + "4.57", "JPEG Lossless", "jpeg-lossless"),
    Syntax(_ROOT + "4.70", "JPEG Lossless, First-Order Prediction", "jpeg-lossless"),
    Syntax(_ROOT + "4.80", "JPEG-LS Lossless", "jpeg-ls"),
    Syntax(_ROOT + "4.81", "JPEG-LS Near-Lossless", "jpeg-ls", lossy=True),
    Syntax(_ROOT + "4.90", "JPEG 2000 Lossless", "j2k"),
    Syntax(_ROOT + "4.91", "JPEG 2000", "j2k", lossy=True),
    Syntax(_ROOT + "4.92", "JPEG 2000 Multi-component Lossless", "j2k"),
    Syntax(_ROOT + "4.93", "JPEG 2000 Multi-component", "j2k", lossy=True),
    Syntax(_ROOT + "4.100", "MPEG2 Main Profile, Main Level", "video", lossy=True),
    Syntax(_ROOT + "4.101", "MPEG2 Main Profile, High Level", "video", lossy=True),
    Syntax(_ROOT + "4.102", "MPEG-4 AVC/H.264 High Profile, Level 4.1", "video", lossy=True),
    Syntax(_ROOT + "4.103", "MPEG-4 AVC/H.264 BD-compatible", "video", lossy=True),
    Syntax(_ROOT + "4.104", "MPEG-4 AVC/H.264 High Profile, Level 4.2, 2D", "video", lossy=True),
    Syntax(_ROOT + "4.105", "MPEG-4 AVC/H.264 High Profile, Level 4.2, 3D", "video", lossy=True),
    Syntax(_ROOT + "4.106", "MPEG-4 AVC/H.264 Stereo", "video", lossy=True),
    Syntax(_ROOT + "4.107", "HEVC/H.265 Main Profile", "video", lossy=True),
    Syntax(_ROOT + "4.108", "HEVC/H.265 Main 10 Profile", "video", lossy=True),
    Syntax(_ROOT + "4.110", "JPEG XL Lossless", "jxl"),
    Syntax(_ROOT + "4.111", "JPEG XL JPEG Recompression", "jxl", lossy=True),
    Syntax(_ROOT + "4.112", "JPEG XL", "jxl", lossy=True),
    Syntax(_ROOT + "4.201", "High-Throughput JPEG 2000 Lossless", "htj2k"),
    Syntax(_ROOT + "4.202", "High-Throughput JPEG 2000 Lossless, RPCL", "htj2k"),
    Syntax(_ROOT + "4.203", "High-Throughput JPEG 2000", "htj2k", lossy=True),
    Syntax(_ROOT + "5", "RLE Lossless", "rle"),
)

_BY_UID = {syntax.uid: syntax for syntax in SYNTAXES}


def syntax_of(uid: str) -> Syntax:
    """The syntax of that UID; an unknown one is taken as explicit little endian with a codec nobody has ("unknown")."""
    return _BY_UID.get(uid) or Syntax(uid, uid or "not named", codec="unknown")
