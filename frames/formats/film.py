"""Checks DPX and Cineon: the file size in the header, and the extent of the samples."""

from .source import Corrupt, Source, WrongFormat

CINEON_MARKS = (b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80")
_UNSET = 0xFFFFFFFF
_SAMPLES = {50: 3, 51: 4, 52: 4, 100: 2, 101: 3, 102: 3, 103: 4}
"""Samples per pixel in DPX, by descriptor; other descriptors have at least one."""
_DPX_ELEMENTS, _DPX_ELEMENT = 780, 72
_CINEON_CHANNELS, _CINEON_CHANNEL = 196, 28


def check_dpx(source: Source) -> None:
    """Raise Corrupt unless the file is as long as its header says and all samples fit in."""
    order = {b"SDPX": ">", b"XPDS": "<"}.get(source.read(4))
    if order is None:
        raise WrongFormat
    start = source.integer(f"{order}I")
    source.at = 16
    _declared(source, source.integer(f"{order}I"))
    source.at = 768
    _, elements, width, height = source.unpack(f"{order}HHII")
    if not 1 <= elements <= 8 or not width or not height:
        raise Corrupt
    for element in range(elements):
        source.at = _DPX_ELEMENTS + element * _DPX_ELEMENT + 20
        kind, _, _, bits, packing, encoding, offset = source.unpack(f"{order}BBBBHHI")
        if not 1 <= bits <= 64:
            raise Corrupt
        offset = start if offset in (0, _UNSET) else offset
        samples = width * _SAMPLES.get(kind, 1)
        if encoding != 1:  # not run-length encoded
            source.require(offset, _row(samples, bits, packing) * height)


def _row(samples: int, bits: int, packing: int) -> int:
    """The minimum number of bytes in a row."""
    if bits == 10 and packing in (1, 2):
        return -(-samples // 3) * 4
    if bits == 12 and packing in (1, 2):
        return samples * 2
    return samples * bits // 8


def check_cineon(source: Source) -> None:
    """Raise Corrupt unless the file is as long as its header says and all samples fit in."""
    order = {b"\x80\x2a\x5f\xd7": ">", b"\xd7\x5f\x2a\x80": "<"}.get(source.read(4))
    if order is None:
        raise WrongFormat
    start = source.integer(f"{order}I")
    source.at = 20
    _declared(source, source.integer(f"{order}I"))
    source.at = 192
    _, channels = source.unpack("BB")
    if not 1 <= channels <= 8:
        raise Corrupt
    source.at = _CINEON_CHANNELS
    _, _, bits, _, width, height = source.unpack(f"{order}BBBBII")
    if not 1 <= bits <= 32 or not width or not height:
        raise Corrupt
    samples = width * height * channels
    source.require(start, -(-samples // 3) * 4 if bits == 10 else samples * bits // 8)


def _declared(source: Source, size: int) -> None:
    if size not in (0, _UNSET):
        source.require(0, size)
