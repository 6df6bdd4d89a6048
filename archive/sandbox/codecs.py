"""imagecodecs behind pydicom's decoders: pydicom keeps the repairs (sign, unused bits, colour), imagecodecs does the work.

Called raw, imagecodecs is wrong wherever the stream and the data set disagree (sign of JPEG 2000, 15-bit JPEG-LS, colour
transforms), so every frame goes through pydicom's runner. Only sandbox children import this module.
"""

from collections.abc import Callable
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders import base

LABEL: Final = "imagecodecs"
JPEG: Final = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
LOSSLESS_JPEG: Final = (uid.JPEGLossless, uid.JPEGLosslessSV1)
JPEG_XL: Final = ("1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112")

DECODER_DEPENDENCIES: Final = dict.fromkeys(uid.AllTransferSyntaxes, ("imagecodecs",))


def is_available(_: str) -> bool:
    """Asked by pydicom when the plugin is added."""
    return True


def decode_frame(source: bytes, runner: Any) -> bytes:
    """One frame for pydicom's runner: bytes, and what their container turned out to be."""
    decoded = _DECODERS[runner.transfer_syntax](source, runner)
    runner.set_option("bits_allocated", decoded.dtype.itemsize * 8)
    return decoded.tobytes()


def _jpeg(source: bytes, runner: Any) -> NDArray[Any]:
    """Baseline and extended JPEG: the stream's own colours are kept, pydicom converts by PhotometricInterpretation."""
    runner.set_option("planar_configuration", 0)
    if runner.samples_per_pixel == 1:
        return np.asarray(imagecodecs.jpeg8_decode(source))
    is_rgb = str(runner.photometric_interpretation) == "RGB"
    stored = "YCBCR" if not is_rgb or _says_ycbcr(source) else "RGB"
    wanted = "RGB" if is_rgb else "YCBCR"
    return np.asarray(imagecodecs.jpeg8_decode(source, colorspace=stored, outcolorspace=wanted))


def _says_ycbcr(source: bytes) -> bool:
    """An Adobe marker that names the transform to YCbCr."""
    at = source[:4096].find(b"Adobe")
    return at > 0 and len(source) > at + 11 and source[at + 11] == 1


def _lossless(source: bytes, runner: Any) -> NDArray[Any]:
    """Lossless JPEG, or what calls itself so: a fundus camera writes baseline JPEG under this syntax."""
    if b"\xff\xc3" not in source[:65536]:  # SOF3, ITU T.81 table B.1
        return _jpeg(source, runner)
    runner.set_option("planar_configuration", 0)
    if runner.samples_per_pixel == 1:
        return np.asarray(imagecodecs.ljpeg_decode(source))
    return np.asarray(imagecodecs.jpegsof3_decode(source))


def _jpeg_ls(source: bytes, runner: Any) -> NDArray[Any]:
    runner.set_option("planar_configuration", 0)
    return np.asarray(imagecodecs.jpegls_decode(source))


def _jpeg2000(source: bytes, runner: Any) -> NDArray[Any]:
    """JPEG 2000, high throughput too: the inverse colour transform is the codec's own."""
    runner.set_option("planar_configuration", 0)
    if str(runner.photometric_interpretation) in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    return np.asarray(imagecodecs.jpeg2k_decode(source, numthreads=1))


def _rle(source: bytes, runner: Any) -> NDArray[Any]:
    runner.set_option("planar_configuration", 1)
    kind = np.dtype(f"<u{max(1, runner.bits_allocated // 8)}")
    return np.frombuffer(imagecodecs.dicomrle_decode(source, kind), kind)


_DECODERS: dict[str, Callable[[bytes, Any], NDArray[Any]]] = {
    **dict.fromkeys(JPEG, _jpeg),
    **dict.fromkeys(LOSSLESS_JPEG, _lossless),
    uid.JPEGLSLossless: _jpeg_ls,
    uid.JPEGLSNearLossless: _jpeg_ls,
    uid.JPEG2000Lossless: _jpeg2000,
    uid.JPEG2000: _jpeg2000,
    uid.HTJ2KLossless: _jpeg2000,
    uid.HTJ2KLosslessRPCL: _jpeg2000,
    uid.HTJ2K: _jpeg2000,
    uid.RLELossless: _rle,
}


def install() -> None:
    """Make imagecodecs the one plugin of every syntax it decodes: pydicom would try all it has, one after another."""
    for syntax in _DECODERS:
        decoder = base.get_decoder(syntax)
        for other in list(decoder.available_plugins):
            decoder.remove_plugin(other)
        decoder.add_plugin(LABEL, (__name__, "decode_frame"))


def decode(source: bytes, syntax: str, options: dict[str, Any]) -> NDArray[Any]:
    """One frame's bytes as [rows, columns] or RGB [rows, columns, 3], repaired, in the data set's own container."""
    if syntax in JPEG_XL:
        found = np.asarray(imagecodecs.jpegxl_decode(source))
        return found[..., 0] if found.ndim == 3 and found.shape[2] == 1 else found
    decoder = base.get_decoder(syntax)
    array, _ = decoder.as_array(encapsulate([source], has_bot=False), index=0, **options)
    return np.asarray(array)
