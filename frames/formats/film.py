"""DPX and Cineon: the size that the header says, and room for all samples behind the header."""

from .source import Foreign, Source, Wrong

CINEON_MARKS = (b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80")
_UNSET = 0xFFFFFFFF
_SAMPLES = {50: 3, 51: 4, 52: 4, 100: 2, 101: 3, 102: 3, 103: 4}
"""Samples of a pixel in DPX, by what they are; any other kind has one at least."""
_DPX_ELEMENTS, _DPX_ELEMENT = 780, 72
_CINEON_CHANNELS, _CINEON_CHANNEL = 196, 28


def check_dpx(source: Source) -> None:
    """Raise Wrong unless the file is as long as its header says and all samples fit in."""
    order = {b"SDPX": ">", b"XPDS": "<"}.get(source.read(4))
    if order is None:
        raise Foreign
    start = source.one(f"{order}I")
    source.at = 16
    _declared(source, source.one(f"{order}I"))
    source.at = 768
    _, elements, width, height = source.unpack(f"{order}HHII")
    if not 1 <= elements <= 8 or not width or not height:
        raise Wrong
    for element in range(elements):
        source.at = _DPX_ELEMENTS + element * _DPX_ELEMENT + 20
        kind, _, _, bits, packing, encoding, offset = source.unpack(f"{order}BBBBHHI")
        if not 1 <= bits <= 64:
            raise Wrong
        offset = start if offset in (0, _UNSET) else offset
        samples = width * _SAMPLES.get(kind, 1)
        if encoding != 1:  # no run lengths
            source.need(offset, _row(samples, bits, packing) * height)


def _row(samples: int, bits: int, packing: int) -> int:
    """Bytes of a row, at least."""
    if bits == 10 and packing in (1, 2):
        return -(-samples // 3) * 4
    if bits == 12 and packing in (1, 2):
        return samples * 2
    return samples * bits // 8


def check_cineon(source: Source) -> None:
    """Raise Wrong unless the file is as long as its header says and all samples fit in."""
    order = {b"\x80\x2a\x5f\xd7": ">", b"\xd7\x5f\x2a\x80": "<"}.get(source.read(4))
    if order is None:
        raise Foreign
    start = source.one(f"{order}I")
    source.at = 20
    _declared(source, source.one(f"{order}I"))
    source.at = 192
    _, channels = source.unpack("BB")
    if not 1 <= channels <= 8:
        raise Wrong
    source.at = _CINEON_CHANNELS
    _, _, bits, _, width, height = source.unpack(f"{order}BBBBII")
    if not 1 <= bits <= 32 or not width or not height:
        raise Wrong
    samples = width * height * channels
    source.need(start, -(-samples // 3) * 4 if bits == 10 else samples * bits // 8)


def _declared(source: Source, size: int) -> None:
    if size not in (0, _UNSET):
        source.need(0, size)
