"""Finding a node type by what a person types: part of its title, a synonym, a purpose, or a slip of the finger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from nodes.spec import Category, NodeType

_PURPOSES: Mapping[Category, str] = {
    Category.ACTIVATION: "nonlinear nonlinearity activate bend",
    Category.LOSS: "error criterion objective learn goal",
    Category.METRIC: "measure score quality",
    Category.OPTIMIZER: "learning rate training step update",
    Category.NORMALIZATION: "stabilise scale faster",
    Category.MERGE: "join combine skip branches",
    Category.BOXES: "detection find objects lesions cells anchors",
    Category.SOURCE: "images pictures folder load open read",
}
_USES: Mapping[str, str] = {
    "max_pooling": "smaller shrink reduce size",
    "average_pooling": "smaller shrink reduce size",
    "global_average_pooling": "smaller one number",
    "dense": "classes scores classify",
    "cross_entropy": "classes classify",
    "accuracy": "classes right share",
    "softmax": "classes",
    "upsample": "bigger larger enlarge double",
    "transposed_convolution": "bigger larger enlarge",
    "pixel_shuffle": "bigger larger enlarge",
    "resize": "pixels image size shrink enlarge",
    "dropout": "memorise generalise",
    "augment": "more images variety generalise",
    "output": "answer result export",
}
"""What people want who do not know the name; what the types say themselves stands in their `words`."""

_SLIP = 0.7
LOOSE = 0.4
"""The most that slips of the finger and scattered letters score; what is better holds the query, or a word of it."""
_FAMILY = 0.85
_UNSUITED = 0.12
_NAMES = 2
"""The first texts are names: only in them may the letters of a query be scattered."""


def score(query: str, *texts: str) -> float:
    """How well a query matches the texts, the first of which counts most; 0 when it does not."""
    query = " ".join(_plain(query).split())
    if not query:
        return 1.0
    best = 0.0
    for place, text in enumerate(texts):
        scattered = 0.75 * LOOSE if place < _NAMES and len(query) > 2 and _in_order(query, _plain(text)) else 0.0
        best = max(best, max(_one(query, _plain(text)), scattered) * (1.0 - 0.15 * min(place, 4)))
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
    family = min(score(query, kind.category.title, "", _PURPOSES.get(kind.category, "")), _FAMILY)
    words = f"{kind.words} {_USES.get(kind.id, '')}"
    return max(score(query, kind.title, kind.id.replace("_", " "), words), family)


def by_category(types: Iterable[type[NodeType]]) -> dict[Category, list[type[NodeType]]]:
    """The types in the order of the palette."""
    listed = list(types)
    grouped = {category: [kind for kind in listed if kind.category is category] for category in Category}
    return {category: members for category, members in grouped.items() if members}


def _one(query: str, text: str) -> float:
    words = text.split()
    if text.startswith(query):
        return 1.0 if text == query else 0.95
    if any(word.startswith(query) for word in words):
        return 0.85
    if query in text:
        return 0.7
    if _joined(query) in _joined(text):
        return 0.68
    if all(any(part in word for word in words) for part in query.split()):
        return 0.65
    if len(query) > 1 and "".join(word[0] for word in words).startswith(query):
        return 0.6
    if len(query) > 4 and any(_inflected(query, word) for word in words):
        return 0.55
    close = max((_alike(query, word) for word in words), default=0.0) if len(query) > 3 else 0.0
    return LOOSE * close if close >= _SLIP else 0.0


@lru_cache(maxsize=4_096)
def _plain(text: str) -> str:
    return text.lower().replace("-", " ").replace("/", " ")


def _joined(text: str) -> str:
    return text.replace(" ", "")


def _inflected(query: str, word: str) -> bool:
    """Whether both begin alike and only the ends differ, as in “upsampling” and “upsample”."""
    same = next((place for place, (one, two) in enumerate(zip(query, word, strict=False)) if one != two), None)
    return (min(len(query), len(word)) if same is None else same) >= max(4, len(query) - 3)


@lru_cache(maxsize=65_536)
def _alike(query: str, word: str) -> float:
    """How alike two words are; letters in another order count little."""
    if sorted(query) == sorted(word):
        return 0.95
    both = SequenceMatcher(None, query, word[: len(query) + 1])
    if min(both.real_quick_ratio(), both.quick_ratio()) < _SLIP:  # never less than the ratio, and found much sooner
        return 0.0
    return both.ratio()


def _in_order(query: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in query)
