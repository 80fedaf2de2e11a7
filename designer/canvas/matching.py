"""Finding a node type by what a person types: part of its title, a synonym, a purpose, or a slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from nodes.spec import Category, NodeType

_SLIP = 0.72


def score(query: str, *texts: str) -> float:
    """How well a query matches the texts, the first of which counts most; 0 when it does not."""
    query = query.strip().lower()
    if not query:
        return 1.0
    best = 0.0
    for place, text in enumerate(texts):
        best = max(best, _one(query, text.lower()) * (1.0 - 0.15 * min(place, 4)))
    return best


def ranked(query: str, types: Iterable[type[NodeType]]) -> list[type[NodeType]]:
    """The types that match, best first; those that match equally well keep their order."""
    scored = [(type_score(query, kind), kind) for kind in types]
    return [kind for found, kind in sorted(scored, key=lambda pair: -pair[0]) if found > 0]


def type_score(query: str, kind: type[NodeType]) -> float:
    """How well a query matches a node type."""
    return score(query, kind.title, kind.id.replace("_", " "), kind.words, kind.category.title)


def by_category(types: Iterable[type[NodeType]]) -> dict[Category, list[type[NodeType]]]:
    """The types in the order of the palette."""
    listed = list(types)
    grouped = {category: [kind for kind in listed if kind.category is category] for category in Category}
    return {category: members for category, members in grouped.items() if members}


def _one(query: str, text: str) -> float:
    words = text.replace("-", " ").replace("/", " ").split()
    if text.startswith(query):
        return 1.0 if text == query else 0.95
    if any(word.startswith(query) for word in words):
        return 0.85
    if query in text:
        return 0.7
    if all(any(part in word for word in words) for part in query.split()):
        return 0.65
    if len(query) > 1 and "".join(word[0] for word in words).startswith(query):
        return 0.6
    if len(query) > 2 and _in_order(query, text):
        return 0.4
    if len(query) > 3:
        close = max((SequenceMatcher(None, query, word[: len(query) + 1]).ratio() for word in words), default=0.0)
        return 0.3 * close if close >= _SLIP else 0.0
    return 0.0


def _in_order(query: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in query)
