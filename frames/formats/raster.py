"""Checks simple raster formats: Targa, BMP, IRIS, and Radiance HDR with run-length encoding."""

from .source import BLOCK, Corrupt, Source, Truncated, WrongFormat

_FOOTER = b"TRUEVISION-XFILE.\0"
_COLORS, _GREYS, _MAPPED = 2, 3, 1
_RUNS = 8  # bit in the type of a Targa with run-length encoding


def check_tga(source: Source) -> None:
    """Raise Corrupt unless all pixels are present, followed by at most a footer."""
    name, colors, kind, _, entries, entry, _, width, height, bits, flags = source.unpack(
        "<BBBHHB4sHHBB"
    )
    plain = kind & ~_RUNS
    depths = {_COLORS: (15, 16, 24, 32), _GREYS: (8, 16), _MAPPED: (8, 16)}.get(plain, ())
    known = colors <= 1 and bits in depths and flags < 0x40 and (colors or plain != _MAPPED)
    if not known or not width or not height:
        raise WrongFormat
    source.skip(name + (entries * -(-entry // 8) if colors else 0))
    pixel = -(-bits // 8)
    if kind & _RUNS:
        _targa_runs(source, width * height, pixel)
    else:
        source.skip(width * height * pixel)
    if source.at < source.size:
        source.at = max(source.size - len(_FOOTER), source.at)
        if source.read(source.size - source.at) != _FOOTER:
            raise Truncated


def _targa_runs(source: Source, pixels: int, pixel: int) -> None:
    block, start = b"", source.at
    at = 0
    while pixels > 0:
        if at >= len(block):
            start += at
            source.at = start
            block, at = source.read(min(BLOCK, max(source.size - start, 1))), 0
        code = block[at]
        count = (code & 0x7F) + 1
        at += 1 + (pixel if code & 0x80 else count * pixel)
        pixels -= count
    source.at = start
    source.skip(at)
    if pixels:
        raise Corrupt


def check_bmp(source: Source) -> None:
    """Raise Corrupt unless the declared size and the pixels are inside the file."""
    mark, size, _, pixels, header = source.unpack("<2sIIII")
    if mark != b"BM" or header not in (12, 40, 52, 56, 64, 108, 124):
        raise WrongFormat
    compression = 0
    if header == 12:
        width, height, _, bits = source.unpack("<HHHH")
    else:
        width, height, _, bits, compression = source.unpack("<iiHHI")
    if width < 1 or not height or bits not in (1, 2, 4, 8, 16, 24, 32):
        raise Corrupt
    source.require(0, size)
    if compression in (0, 3):
        source.require(pixels, -(-width * bits // 32) * 4 * abs(height))
    else:
        source.require(pixels, 1)


def check_iris(source: Source) -> None:
    """Raise Corrupt unless each row is inside the file."""
    mark, storage, depth, dimensions, width, height, channels = source.unpack(">HBBHHHH")
    if mark != 0x01DA or storage > 1 or depth not in (1, 2) or not 1 <= dimensions <= 3:
        raise WrongFormat
    height = height if dimensions > 1 else 1
    channels = channels if dimensions > 2 else 1
    rows = height * channels
    if not width or not rows:
        raise Corrupt
    if not storage:
        source.require(512, rows * width * depth)
        return
    starts = source.numbers(512, rows, ">I")
    lengths = source.numbers(512 + 4 * rows, rows, ">I")
    for start, length in zip(starts, lengths, strict=True):
        if start < 512 + 8 * rows or not length:
            raise Corrupt
        source.require(start, length)


def check_radiance(source: Source) -> None:
    """Raise Corrupt unless the run lengths decode to the number of rows in the header."""
    if source.read(2) != b"#?":
        raise WrongFormat
    while source.line():
        pass
    words = source.line().split()
    if len(words) != 4 or not (words[1].isdigit() and words[3].isdigit()):
        raise Corrupt
    if not {words[0][1:], words[2][1:]} == {b"X", b"Y"} or max(map(len, words)) > 9:
        raise Corrupt
    rows, width = int(words[1]), int(words[3])
    if not rows or not width:
        raise Corrupt
    reader = _Bytes(source)
    for _ in range(rows):
        if 8 <= width < 32768 and reader.peek(3)[:2] == b"\2\2" and reader.peek(3)[2] < 128:
            if reader.take(4)[2:] != width.to_bytes(2, "big"):
                raise Corrupt
            for _ in range(4):
                _radiance_runs(reader, width)
        else:
            _radiance_pixels(reader, width)


def _radiance_runs(reader: "_Bytes", width: int) -> None:
    """Read one of a row's four components."""
    while width > 0:
        code = reader.byte()
        if code > 128:
            reader.skip(1)
            width -= code - 128
        elif code:
            reader.skip(code)
            width -= code
        else:
            raise Corrupt
    if width:
        raise Corrupt


def _radiance_pixels(reader: "_Bytes", width: int) -> None:
    """Read a row in the old encoding: pixels, some of which repeat the previous one."""
    shift = 0
    while width > 0:
        pixel = reader.take(4)
        if pixel[:3] == b"\1\1\1":
            width -= pixel[3] << shift
            shift += 8
            if shift > 24:
                raise Corrupt
        else:
            width -= 1
            shift = 0
    if width:
        raise Corrupt


class _Bytes:
    """Reads a source byte by byte, through a buffer."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._block = b""
        self._at = 0

    def peek(self, count: int) -> bytes:
        """The next bytes, without consuming them."""
        if self._at + count > len(self._block):
            start = self._source.at - len(self._block) + self._at
            if start + count > self._source.size:
                raise Truncated
            self._source.at = start
            self._block = self._source.read(min(BLOCK, self._source.size - start))
            self._at = 0
        return self._block[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """The next bytes."""
        found = self.peek(count)
        self._at += count
        return found

    def byte(self) -> int:
        """The next byte."""
        if self._at >= len(self._block):
            self.peek(1)
        self._at += 1
        return self._block[self._at - 1]

    def skip(self, count: int) -> None:
        """Skip `count` bytes, at most 128."""
        if self._at + count > len(self._block):
            self.peek(count)
        self._at += count
