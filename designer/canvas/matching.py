"""Finding a node type by what a person types: part of its title, a synonym, a purpose, or a slip of the finger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

from nodes.spec import Category, NodeType

_SLIP = 0.72
LOOSE = 0.4
"""The score of letters that only stand in this order; what is better holds the query, or a word of it."""
_FAMILY = 0.85
_UNSUITED = 0.12


def score(query: str, *texts: str) -> float:
    """How well a query matches the texts, the first of which counts most; 0 when it does not."""
    query = query.strip().lower()
    if not query:
        return 1.0
    best = 0.0
    for place, text in enumerate(texts):
        best = max(best, _one(query, text.lower()) * (1.0 - 0.15 * min(place, 4)))
    return best


def ranked(
    query: str, types: Iterable[type[NodeType]], suits: Callable[[type[NodeType]], bool] = lambda _kind: True
) -> list[type[NodeType]]:
    """The types that match, best first; those that match equally well keep their order.

    What does not suit is put back a little. Scattered letters and slips of the finger count only when no type holds
    what was typed.
    """
    scored = [(type_score(query, kind), kind) for kind in types]
    if not query.strip():
        return [kind for _, kind in scored]
    floor = LOOSE if max((found for found, _ in scored), default=0.0) > LOOSE else 0.0
    found = [(how, kind) for how, kind in scored if how > floor]
    return [kind for _, kind in sorted(found, key=lambda pair: -pair[0] if suits(pair[1]) else _UNSUITED - pair[0])]


def type_score(query: str, kind: type[NodeType]) -> float:
    """How well a query matches a node type."""
    family = min(score(query, kind.category.title), _FAMILY)
    return max(score(query, kind.title, kind.id.replace("_", " "), kind.words), family)


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
