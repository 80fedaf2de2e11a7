"""The text form of protocol buffers, read without their declaration: names, values, and messages in braces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from runtime.importing.imported import ImportRefused

Value = str | float | bool
_DEEPEST = 40
_MOST_TOKENS = 5_000_000
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<word>[A-Za-z_][\w.+-]*)|(?P<number>[-+]?(?:\d[\w.+-]*|\.\d[\w+-]*|inf|nan))"""
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<sign>[{}<>\[\]:;,])"""
)


@dataclass(slots=True)
class Message:
    """A message: for each name its values and messages, in order."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)

    def all(self, name: str) -> list[Message]:
        """The messages of this name."""
        return self.messages.get(name, [])

    def one(self, name: str) -> Message:
        """The last message of this name, an empty one where there is none."""
        return self.messages.get(name, [Message()])[-1]

    def texts(self, name: str) -> list[str]:
        """The values of this name as text."""
        return [_as_text(value) for value in self.values.get(name, [])]

    def text(self, name: str, otherwise: str = "") -> str:
        """The last value of this name as text."""
        found = self.texts(name)
        return found[-1] if found else otherwise

    def number(self, name: str, otherwise: float = 0.0) -> float:
        """The last value of this name as a number; `otherwise` where it is none."""
        value = self.values.get(name, [otherwise])[-1]
        return float(value) if isinstance(value, int | float) else otherwise

    def has(self, name: str) -> bool:
        """Whether there is a value or a message of this name."""
        return name in self.values or name in self.messages


def parsed(text: str, name: str) -> Message:
    """The text as a message. Raises ImportRefused with the line where it cannot be read on."""
    return _message(_Tokens(text, name), "", 0)


class _Tokens:
    """The words, numbers, texts and signs of a file, one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.place = 0
        self.rest = self._all()
        self.now = next(self.rest, ("", ""))

    def _all(self) -> Iterator[tuple[str, str]]:
        count = 0
        while self.place < len(self.text):
            found = _TOKEN.match(self.text, self.place)
            if found is None:
                raise self.wrong()
            self.place = found.end()
            if found.lastgroup:
                count += 1
                if count > _MOST_TOKENS:
                    raise ImportRefused(f"{self.name} has more than {_MOST_TOKENS:,} words, which no network has.")
                yield found.lastgroup, found[0]

    def take(self) -> tuple[str, str]:
        """The next token."""
        token = self.now
        self.now = next(self.rest, ("", ""))
        return token

    def wrong(self) -> ImportRefused:
        """The complaint that what stands here cannot be read."""
        line = self.text.count("\n", 0, self.place) + 1
        return ImportRefused(f"{self.name} is damaged, or no such file: line {line} cannot be read.")


def _message(tokens: _Tokens, end: str, depth: int) -> Message:
    if depth > _DEEPEST:
        raise ImportRefused(f"{tokens.name} has braces nested more than {_DEEPEST} deep, which no network has.")
    message = Message()
    while tokens.now != ("", "") and tokens.now[1] != end:
        kind, name = tokens.take()
        if name in ";,":
            continue
        if kind != "word":
            raise tokens.wrong()
        colon = tokens.now[1] == ":"
        if colon:
            tokens.take()
        if tokens.now[1] in ("{", "<") and tokens.now[0] == "sign":
            close = "}" if tokens.take()[1] == "{" else ">"
            message.messages.setdefault(name, []).append(_message(tokens, close, depth + 1))
        elif colon:
            message.values.setdefault(name, []).extend(_values(tokens))
        else:
            raise tokens.wrong()
    if end and tokens.take()[1] != end:
        raise ImportRefused(f"{tokens.name} ends inside braces; it is cut off.")
    return message


def _values(tokens: _Tokens) -> list[Value]:
    if tokens.now != ("sign", "["):
        return [_value(tokens)]
    tokens.take()
    found = []
    while tokens.now[1] != "]":
        if tokens.now == ("sign", ","):
            tokens.take()
            continue
        found.append(_value(tokens))
    tokens.take()
    return found


def _value(tokens: _Tokens) -> Value:
    kind, text = tokens.take()
    if kind == "text":
        more = text[1:-1]
        while tokens.now[0] == "text":
            more += tokens.take()[1][1:-1]
        return re.sub(r"\\(.)", r"\1", more)
    if kind == "number":
        try:
            return int(text, 0) if re.fullmatch(r"[-+]?(0x[0-9a-fA-F]{1,16}|[1-9]\d{0,18}|0)", text) else float(text)
        except ValueError:
            raise tokens.wrong() from None
    if kind == "word":
        return {"true": True, "True": True, "false": False, "False": False}.get(text, text)
    raise tokens.wrong()


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else f"{value:.12g}"


def listed(values: Mapping[str, list[Value]], name: str) -> str:
    """The values of a name as a setting of a layer has them: 3,3."""
    return ",".join(_as_text(value) for value in values.get(name, []))
