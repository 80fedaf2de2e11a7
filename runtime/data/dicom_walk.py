"""A walk over the elements of an ordinary DICOM header, without pydicom: for the short ways of reading.

Ordinary is: a preamble, little endian, elements in ascending order with known value representations, sequences that
nest as they should. Whatever else a file does raises Unplain, and the long way (pydicom) judges it: where the walk
accepts a header, it finds the same values at the same places as pydicom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import NamedTuple

PIXELS = 0x7FE00010
CHARACTER_SET = 0x00080005
REFUSED = b"--"  # in place of a value representation: a header with this element is left to the long way
ANY = b"**"  # in place of a value representation: it does not matter

_SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_FLOAT_PIXELS = frozenset({0x7FE00008, 0x7FE00009})
_EXPLICIT, _IMPLICIT, _LENGTH = Struct("<HH2sH"), Struct("<HHI"), Struct("<I")
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_ENDS, _SEQUENCE_ENDS = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DEEPEST = 12  # sequences within sequences
_META_LENGTH, _META_CLASS, _META_SYNTAX = 0x00020000, 0x00020002, 0x00020010


class Unplain(Exception):
    """The header is out of the ordinary: the long way has to judge it."""


class TooShort(Unplain):
    """The header goes on behind the bytes that were given."""


class Walked(NamedTuple):
    """What was found: raw values by tag (group << 16 | element), and where the pixels lie."""

    values: dict[int, bytes]
    syntax: bytes  # transfer syntax, without padding
    stored_class: bytes  # MediaStorageSOPClassUID, without padding
    element: int  # where the pixel element begins in the file, bytes
    start: int  # where its value begins
    length: int  # bytes of its value; 0xFFFFFFFF for encapsulated pixels


def walk_header(
    head: bytes,
    syntaxes: Mapping[bytes, bool],
    wanted: Mapping[int, bytes],
    is_sequence: Callable[[int], bool] | None = None,
) -> Walked:
    """Walk to the pixels in `head`, the first bytes of a file, and give back the `wanted` elements that are there.

    `syntaxes`: the transfer syntaxes to accept, and whether each has explicit value representations. `wanted`: tags
    with the only value representation to accept, or REFUSED or ANY. `is_sequence` says of a tag, where a file does not
    say it itself, whether it may be a sequence. Raises Unplain; TooShort where more bytes may help.
    """
    if head[128:132] != b"DICM":
        raise Unplain
    syntax, stored_class, place = _meta(head)
    explicit = syntaxes.get(syntax)
    if explicit is None:
        raise Unplain
    if explicit:
        values, element, start, length = _explicit(head, place, wanted)
    else:
        values, element, start, length = _implicit(head, place, wanted, is_sequence or _never)
    return Walked(values, syntax, stored_class, element, start, length)


def _never(_tag: int) -> bool:
    return False


def _meta(head: bytes) -> tuple[bytes, bytes, int]:
    """Transfer syntax, class of the stored object, and where the data set begins."""
    place, last, end = 132, 0, len(head)
    syntax = stored_class = b""
    while place + 12 <= end:
        group, element, kind, length = _EXPLICIT.unpack_from(head, place)
        if group != 2:
            if last == 0:
                raise Unplain
            return syntax, stored_class, place
        tag = group << 16 | element
        if tag <= last or (last == 0 and (tag, kind, length) != (_META_LENGTH, b"UL", 4)):
            raise Unplain
        last = tag
        start, length = _value(head, place, kind, length)
        place = start + length
        if tag in (_META_CLASS, _META_SYNTAX):
            if kind != b"UI":
                raise Unplain
            value = head[start:place].rstrip(b"\0 ")
            syntax, stored_class = (syntax, value) if tag == _META_CLASS else (value, stored_class)
    raise TooShort


def _value(head: bytes, place: int, kind: bytes, length: int) -> tuple[int, int]:
    """Where the value of an explicit element at `place` begins, and its length, which must be defined."""
    if kind in _SHORT:
        return place + 8, length
    if kind not in _LONG:
        raise Unplain
    (length,) = _LENGTH.unpack_from(head, place + 8)
    if length == _UNDEFINED:
        raise Unplain
    return place + 12, length


def _explicit(head: bytes, place: int, wanted: Mapping[int, bytes]) -> tuple[dict[int, bytes], int, int, int]:
    """The wanted values, and place, start and length of the pixels. This loop is what a scan does most often."""
    values: dict[int, bytes] = {}
    unpack, last, end = _EXPLICIT.unpack_from, 0x0003FFFF, len(head) - 12
    while place <= end:
        group, element, kind, length = unpack(head, place)
        tag = group << 16 | element
        if tag <= last:
            raise Unplain
        last = tag
        start = place + 8
        if kind not in _SHORT:
            if kind not in _LONG:
                raise Unplain
            (length,) = _LENGTH.unpack_from(head, start)
            start += 4
            if tag == PIXELS and kind in (b"OW", b"OB"):
                return values, place, start, length
            if length == _UNDEFINED:
                if kind != b"SQ" or tag in wanted:
                    raise Unplain
                place = _past_sequence(head, start, True, _never, 0)
                continue
        if tag >= PIXELS or tag in _FLOAT_PIXELS:
            raise Unplain
        place = start + length
        if tag in wanted:
            usual = wanted[tag]
            if usual not in (kind, ANY):
                raise Unplain
            values[tag] = head[start:place]
    raise TooShort


def _implicit(
    head: bytes, place: int, wanted: Mapping[int, bytes], is_sequence: Callable[[int], bool]
) -> tuple[dict[int, bytes], int, int, int]:
    """As _explicit, for a data set that does not name its value representations."""
    values: dict[int, bytes] = {}
    unpack, last, end = _IMPLICIT.unpack_from, 0x0003FFFF, len(head) - 8
    if _looks_explicit(head, place):
        raise Unplain
    while place <= end:
        group, element, length = unpack(head, place)
        tag = group << 16 | element
        if tag <= last or tag > PIXELS or tag in _FLOAT_PIXELS:
            raise Unplain
        last = tag
        start = place + 8
        if tag == PIXELS:
            return values, place, start, length
        usual = wanted.get(tag)
        if length == _UNDEFINED:
            if usual is not None or not is_sequence(tag):
                raise Unplain
            place = _past_sequence(head, start, False, is_sequence, 0)
            continue
        place = start + length
        if usual is not None:
            if usual == REFUSED:
                raise Unplain
            values[tag] = head[start:place]
    raise TooShort


def _looks_explicit(head: bytes, place: int) -> bool:
    """Whether two capital letters stand where an explicit data set names the value representation of an element."""
    kind = head[place + 4 : place + 6]
    return len(kind) == 2 and 0x40 < kind[0] < 0x5B and 0x40 < kind[1] < 0x5B


def _past_sequence(head: bytes, place: int, explicit: bool, is_sequence: Callable[[int], bool], depth: int) -> int:
    """The end of a sequence of undefined length whose first item is at `place`."""
    if depth > _DEEPEST:
        raise Unplain
    while place + 8 <= len(head):
        group, element, length = _IMPLICIT.unpack_from(head, place)
        tag = group << 16 | element
        place += 8
        if tag == _SEQUENCE_ENDS and length == 0:
            return place
        if tag != _ITEM:
            raise Unplain
        place = _past_item(head, place, length, explicit, is_sequence, depth)
    raise TooShort


def _past_item(
    head: bytes, place: int, size: int, explicit: bool, is_sequence: Callable[[int], bool], depth: int
) -> int:
    """The end of an item whose first element is at `place`; `size` bytes, or of undefined length."""
    stop = len(head) if size == _UNDEFINED else place + size
    while place + 8 <= len(head):
        if place == stop:
            return place
        group, element, length = _IMPLICIT.unpack_from(head, place)
        tag = group << 16 | element
        if tag == _ITEM_ENDS and length == 0 and size == _UNDEFINED:
            return place + 8
        if group == 0xFFFE or tag == CHARACTER_SET:
            raise Unplain
        place = _past_element(head, place, tag, explicit, is_sequence, depth)
        if place > stop and size != _UNDEFINED:
            raise Unplain
    raise TooShort


def _past_element(
    head: bytes, place: int, tag: int, explicit: bool, is_sequence: Callable[[int], bool], depth: int
) -> int:
    """The end of an element within an item."""
    length: int
    if not explicit:
        (length,) = _LENGTH.unpack_from(head, place + 4)
        start, sequence = place + 8, length == _UNDEFINED and is_sequence(tag)
    else:
        _, _, kind, length = _EXPLICIT.unpack_from(head, place)
        start, sequence = place + 8, kind == b"SQ"
        if kind in _LONG:
            if place + 12 > len(head):
                raise TooShort
            (length,) = _LENGTH.unpack_from(head, place + 8)
            start = place + 12
        elif kind not in _SHORT:
            raise Unplain
    if length != _UNDEFINED:
        return start + length
    if not sequence:
        raise Unplain
    return _past_sequence(head, start, explicit, is_sequence, depth + 1)
