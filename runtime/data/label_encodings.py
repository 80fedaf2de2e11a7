"""Which encoding the text of a table has: said by its first bytes, certain by its bytes, or likely by its letters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from runtime.data.catalogue import DataError

# Windows-1252 has no character for five bytes; where it fails, Asian encodings are tried, and Latin 1 never fails.
_USUAL = (("cp1252", "Windows-1252"), ("shift_jis", "Shift-JIS"), ("gb18030", "GB 18030"), ("latin-1", "Latin 1"))
_TITLES = {
    "cp1251": "Windows-1251", "koi8_r": "KOI8-R", "iso8859_5": "ISO 8859-5", "cp866": "DOS Cyrillic (CP866)",
    "mac_cyrillic": "Mac Cyrillic", "cp1253": "Windows-1253 (Greek)", "iso8859_7": "ISO 8859-7 (Greek)",
    "cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS Latin (CP850)", "cp1250": "Windows-1250",
    "cp949": "Korean (CP949)", "gb18030": "GB 18030", "shift_jis": "Shift-JIS", "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16", "utf-32": "UTF-32", "latin-1": "Latin 1",
}  # fmt: skip
_OTHER_SCRIPTS = ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic", "cp1253", "iso8859_7")
_WESTERN = ("cp1252", "mac_roman", "cp850", "cp1250")
_COMMON = frozenset("оеаинтсрвлкмдпуαοιετσνηυρπκμλςάέήίόύώ")  # of two alphabets
_HIGH = re.compile(rb"[\x80-\xff]+")
_INSIDE = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_HANGUL = range(0xAC00, 0xD7A4)
_TYPOGRAPHIC = b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xb0\xb1\xb2\xb3\xb5\xb7"  # signs that stand beside letters


def decoded(name: str, raw: bytes, encoding: str = "") -> tuple[str, str]:
    """The text, and the name of its encoding. `encoding` is the one to read it in, "" to find it.

    Raises DataError for an encoding that is unknown or does not fit, and for what is no text.
    """
    if encoding.strip():
        return _as_asked(name, raw, encoding.strip())
    for known, title in _encodings(raw):
        try:
            return raw.decode(known), title
        except UnicodeDecodeError:
            continue
    raise DataError(f"{name} is no text in a known encoding: save it as CSV in UTF-8, or name its encoding.")


def _as_asked(name: str, raw: bytes, encoding: str) -> tuple[str, str]:
    try:
        known = codecs.lookup(encoding).name
        text = raw.decode("utf-8-sig" if known == "utf-8" else known)
    except (LookupError, TypeError) as error:
        raise DataError(
            f"“{encoding}” is no known encoding of {name}; give one such as utf-8, cp1252, mac-roman, cp1253, koi8-r "
            "or shift-jis, or none to find it."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not written in {encoding}: its byte {error.start + 1} has no meaning there; give another "
            "encoding, or none to find it."
        ) from error
    if not isinstance(text, str):  # such as base64, which Python counts among its codecs
        raise DataError(f"“{encoding}” is no encoding of text; give one such as utf-8 or cp1252.")
    return text.removeprefix("\ufeff"), _TITLES.get(known.replace("-", "_"), encoding)


def _encodings(raw: bytes) -> Sequence[tuple[str, str]]:
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return (("utf-32", "UTF-32"),)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (("utf-16", "UTF-16"),)
    head = raw[:400]
    if head[1::2].count(0) * 3 > len(head):
        return (("utf-16-le", "UTF-16"),)
    if head[0::2].count(0) * 3 > len(head):
        return (("utf-16-be", "UTF-16"),)
    if b"\0" in head:
        return ()
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (*_guessed(raw), *_USUAL)
    return (("utf-8-sig", "UTF-8"),)


def _guessed(raw: bytes) -> Sequence[tuple[str, str]]:
    """The encoding of text that Windows-1252 would read as nonsense; () where nothing speaks against that one.

    Western letters above ASCII stand among letters of ASCII; those of other scripts stand among themselves.
    """
    runs = [found.span() for found in _HIGH.finditer(raw)]
    touching = [(start, end) for start, end in runs if raw[start - 1 : start].isalpha() or raw[end : end + 1].isalpha()]
    high = b"".join(raw[start:end] for start, end in runs)
    if not runs or len(touching) * 5 > len(runs) or len(high) < 2 * len(runs):
        return _western(raw, touching)
    return _asian(high) or _likely(raw, high, _OTHER_SCRIPTS)


def _asian(high: bytes) -> Sequence[tuple[str, str]]:
    if sum(byte >= 0xC0 or byte in b"\xa8\xb8" for byte in high) * 100 >= 97 * len(high):
        return ()
    try:
        korean = high.decode("euc_kr")
        if all(ord(sign) in _HANGUL for sign in korean):
            return (("cp949", _TITLES["cp949"]),)
        high.decode("gb2312")
    except UnicodeDecodeError:
        return ()
    return (("gb18030", _TITLES["gb18030"]),)


def _western(raw: bytes, touching: Sequence[tuple[int, int]]) -> Sequence[tuple[str, str]]:
    """Mac Roman or DOS, where most letters lie where Windows-1252 has signs and rare letters."""
    inside = [byte for start, end in touching for byte in raw[start:end] if byte not in _TYPOGRAPHIC]
    if sum(byte < 0xC0 for byte in inside) * 2 <= len(inside) or _is_japanese(raw):
        return ()
    return _likely(raw, b"", [encoding for encoding in _WESTERN if _spells(raw, touching, encoding)])


def _is_japanese(raw: bytes) -> bool:
    """Whether Shift-JIS fits and finds no foreign sign inside a word of ASCII letters: its second bytes may be such
    letters themselves, so that Western words read in it are broken."""
    try:
        text = raw.decode("shift_jis")
    except UnicodeDecodeError:
        return False
    return _INSIDE.search(text) is None


def _spells(raw: bytes, touching: Sequence[tuple[int, int]], encoding: str) -> bool:
    """Whether what stands inside words is letters in this encoding."""
    inside = b"".join(raw[start:end] for start, end in touching)
    signs = inside.decode(encoding, "replace")
    return sum(sign.isalpha() for sign in signs) * 4 >= 3 * len(signs)


def _likely(raw: bytes, high: bytes, candidates: Sequence[str]) -> Sequence[tuple[str, str]]:
    """The candidates that charset-normalizer finds plausible, the likeliest first.

    Between encodings of one script, a short text is told by how common its letters are: it has too few words for
    statistics of pairs.
    """
    if not candidates:
        return ()
    from charset_normalizer import from_bytes  # only where a table needs it

    found = [match.encoding for match in from_bytes(raw, cp_isolation=list(candidates))]
    found = [encoding for encoding in found if encoding in candidates]
    if high:
        found.sort(key=lambda encoding: -_common(high, encoding))
        found = [encoding for encoding in found if _common(high, encoding) > 0.5]
    return [(encoding, _TITLES[encoding]) for encoding in found]


def _common(high: bytes, encoding: str) -> float:
    """The share of small letters that are common in Russian or Greek; capitals count half."""
    text = high.decode(encoding, "replace")
    points = sum(1.0 if sign in _COMMON else 0.5 if sign.lower() in _COMMON else 0.0 for sign in text)
    return points / len(text)
