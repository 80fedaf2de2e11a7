"""What differs between two drawings or ways of training, in words: nodes, settings with old and new values, wires."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from runtime.graph import Graph, Node, Training, Wire
from runtime.names import identifiers
from runtime.opening import opened

_LONGEST = 60
_OF_THE_MACHINE = {"folder", "kept_parts"}
_TRAINING_WORDS = {
    "batch": "batch size",
    "split": "split by",
    "split_column": "column of the split",
    "parts": "shares of training, validation and test",
    "watch": "what tells the best epoch",
}


def differences(old: Graph, new: Graph) -> tuple[str, ...]:
    """What differs between two graphs in a way that matters for training, one short phrase each; remarks do not."""
    old, new = opened(old), opened(new)
    gone = [f"“{node.name}” was removed" for node in old.nodes.values() if node.id not in new.nodes]
    added = [f"“{node.name}” was added" for node in new.nodes.values() if node.id not in old.nodes]
    changed = [
        phrase
        for node in old.nodes.values()
        if node.id in new.nodes
        for phrase in _changes(old, node, new, new.nodes[node.id])
    ]
    wires = [] if _by_port(old) == _by_port(new) or gone or added else ["the wires were changed"]
    found = (*gone, *added, *changed, *wires)
    renamed = not found and identifiers(old) != identifiers(new)
    return ("a block was renamed, and with it the weights in it",) if renamed else found


def training_differences(old: Training, new: Training) -> tuple[str, ...]:
    """What differs between two ways of training, one short phrase each; ranges of a search train nothing."""
    before, after = asdict(old), asdict(new)
    words = {name: _TRAINING_WORDS.get(name, name.replace("_", " ")) for name in after if name != "search"}
    changed = ((what, before[name], after[name]) for name, what in words.items() if before[name] != after[name])
    return tuple(_changed(*change) for change in changed)


def _by_port(graph: Graph) -> dict[tuple[str, str], list[Wire]]:
    """The wires that end in each input port, in order: to a Concatenate, wires in another order are another network."""
    found: dict[tuple[str, str], list[Wire]] = {}
    for wire in graph.wires:
        found.setdefault((wire.target, wire.input), []).append(wire)
    return found


def _changes(before: Graph, old: Node, after: Graph, new: Node) -> list[str]:
    if old.type != new.type:
        return [f"“{old.name}” is now of the type {_type_title(after, new)}, before {_type_title(before, old)}"]
    phrases = [] if old.name == new.name else [f"“{old.name}” is now called “{new.name}”"]
    labels, usual = _declared(after, new)
    was, now = {**usual, **_plain(old.settings)}, {**usual, **_plain(new.settings)}
    names = sorted({*old.settings, *new.settings} - _OF_THE_MACHINE)
    return phrases + [
        _changed(f"{labels.get(name, name)} of “{new.name}”", was.get(name), now.get(name))
        for name in names
        if was.get(name) != now.get(name)
    ]


def _type_title(graph: Graph, node: Node) -> str:
    kind = graph.find(node.type)
    return kind.title if kind is not None else node.type


def _declared(graph: Graph, node: Node) -> tuple[dict[str, str], dict[str, Any]]:
    """What the settings of the node are called within a sentence, and their usual values as JSON gives them."""
    kind = graph.find(node.type)
    declared = kind.settings() if kind is not None else ()
    labels = {one.name: _within(one.label) for one in declared}
    return labels, _plain({one.name: one.default for one in declared})


def _within(label: str) -> str:
    """A label within a sentence: without its explanation in brackets, and small unless it is an abbreviation."""
    short = label.partition(" (")[0]
    return short if short[:2].isupper() else short[:1].lower() + short[1:]


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON gives them back: tuples are lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}


def _changed(what: str, old: object, new: object) -> str:
    return f"{what}: {_spoken(old)} → {_spoken(new)}"


def _spoken(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case None:
            return "not set"
        case "":
            return "empty"
        case str():
            text = value
        case float():
            text = f"{value:g}"
        case list() | tuple():
            text = ", ".join(map(_spoken, value)) or "empty"
        case _:
            text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
