"""How lists of numbers and shards of terms are written as bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

GAPS, BITS = 0, 1
"""First byte of a list: the distances from each number to the next, or one bit for every number from 0."""
_FNV_START, _FNV_PRIME = 0x811C9DC5, 0x01000193
_SEVEN_BITS = 0x80


def hashed(term: str) -> int:
    """FNV-1a (32 bits) over UTF-8: a hash of a few lines, the same in Python and in the browser."""
    value = _FNV_START
    for byte in term.encode():
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return value


def numbers_packed(numbers: Sequence[int]) -> bytes:
    """Ascending numbers as gaps or as bits, whichever is shorter."""
    gaps = bytearray([GAPS])
    before = 0
    for number in numbers:
        gap = number - before
        before = number
        if gap < _SEVEN_BITS:
            gaps.append(gap)
        else:
            gaps += varint(gap)
    if not numbers or len(gaps) <= numbers[-1] // 8 + 2:
        return bytes(gaps)
    bits = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return bytes([BITS]) + bytes(bits)


def varint(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first; every byte but the last has its highest bit set."""
    out = bytearray()
    while number >= _SEVEN_BITS:
        out.append(number & 0x7F | _SEVEN_BITS)
        number >>= 7
    out.append(number)
    return bytes(out)


def shard_packed(lists: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Terms with the count and the list of their datasets; of a term with a file of its own the list is empty.

    For each term: length and bytes of its UTF-8, the count, length and bytes of the list.
    """
    return b"".join(_shard_parts(lists))


def _shard_parts(lists: Mapping[str, tuple[int, bytes]]) -> Iterator[bytes]:
    for term, (count, packed) in sorted(lists.items()):
        name = term.encode()
        yield from (varint(len(name)), name, varint(count), varint(len(packed)), packed)


def list_name(term: str) -> str:
    """Name of the file of a common term: its code points in hexadecimal."""
    return "-".join(_hexadecimal(map(ord, term)))


def _hexadecimal(codes: Iterable[int]) -> Iterator[str]:
    return (f"{code:x}" for code in codes)
