"""Makes a browser's screenshot small: few colours, one byte a pixel."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

MAGIC = b"\x89PNG\r\n\x1a\n"
COLOURS = 256


def indexed(png: bytes) -> bytes:
    """The same picture (8 bits, RGB or RGBA, not interlaced) in its 256 commonest colours, the others nearest to them."""
    chunks = list(_chunks(png))
    width, height, _, kind, *_ = struct.unpack(">IIBBBBB", chunks[0][1])
    channels = {2: 3, 6: 4}[kind]
    raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    rows = list(_unfiltered(raw, width * channels, channels))
    pixels = [[row[x : x + 3] for x in range(0, len(row), channels)] for row in rows]
    counts = Counter(pixel for row in pixels for pixel in row)
    palette = [pixel for pixel, _ in counts.most_common(COLOURS)]
    places = {pixel: _nearest(pixel, palette) for pixel in counts}
    packed = b"".join(bytes((0, *(places[pixel] for pixel in row))) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b""))
    return MAGIC + b"".join(_chunk(name, body) for name, body in parts)


def _nearest(pixel: bytes, palette: list[bytes]) -> int:
    def distance(place: int) -> int:
        return sum((one - other) ** 2 for one, other in zip(pixel, palette[place], strict=True))

    return min(range(len(palette)), key=distance)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(MAGIC)
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        place += size + 12


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _unfiltered(raw: bytes, stride: int, channels: int) -> Iterator[bytes]:
    """Undo the five filters of PNG, row by row."""
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        row = bytearray(raw[start + 1 : start + 1 + stride])
        kind = raw[start]
        for x in range(stride if kind else 0):
            left, corner = (row[x - channels], above[x - channels]) if x >= channels else (0, 0)
            row[x] = (row[x] + _predicted(kind, left, above[x], corner)) & 0xFF
        yield bytes(row)
        above = row


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda one: abs(guess - one))
    return (0, left, up, (left + up) // 2)[kind]
