"""Foreign networks drawn: each network that is used as a unit becomes a block, with its arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodes.blocks import is_argument_name
from nodes.spec import Shape
from runtime.expressions import is_expression, names_in
from runtime.graph import Json
from runtime.importing.heads import is_judge
from runtime.importing.imported import ImportRefused
from runtime.importing.layers import UNIT, Layer, Net
from runtime.importing.repeats import REPEAT
from runtime.importing.scopes import SHARED
from runtime.importing.sheets import Drawn, Flow, Sheet, in_order, made_of
from runtime.importing.values import Reading, Scope, Unknown

_DEEPEST = 12
_MOST_LAYERS = 5_000
_KINDS: Mapping[str, str] = {"int": "whole number", "pint": "whole number", "float": "number", "boolean": "on or off"}


@dataclass
class Drafts:
    """The sheets drawn so far. `blocks` are those of units, by title."""

    nets: Mapping[str, Net]
    blocks: dict[str, Sheet] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)  # title of a block -> the network that it was
    drawn: int = 0

    def layer(self, sheet: Sheet, net: Net, layer: Layer, scope: Scope, depth: int = 0) -> Flow | None:
        """Draw one ordinary layer or unit on a sheet; None where nothing enters a layer that hands on what does."""
        self.drawn += 1
        if self.drawn > _MOST_LAYERS:
            raise ImportRefused(f"The file draws more than {_MOST_LAYERS} layers.")
        links = net.into(layer.id)
        entering = [sheet.flows[link.source] for link in links if link.source in sheet.flows]
        inner = Scope(
            scope.arguments, tuple(flow.shape for flow in entering),
            bool(entering) and all(flow.untouched for flow in entering), scope.names,
        )  # fmt: skip
        if layer.type == UNIT and layer.text("Network") in self.nets:
            return self._use(sheet, layer, entering, inner, depth)
        if len(entering) < len(links):
            return sheet.placeholder(layer, entering, "it is part of a loop")
        try:
            made = made_of(layer, inner)
        except Unknown as why:
            return sheet.placeholder(layer, entering, str(why))
        if not entering:
            return None if not made else sheet.placeholder(layer, entering, "nothing enters it")
        return sheet.layer(layer, made, entering, inner)

    def _use(self, sheet: Sheet, layer: Layer, entering: Sequence[Flow], scope: Scope, depth: int) -> Flow:
        """Draw a unit as a use of a block, which is drawn first."""
        net = self.nets[layer.text("Network")]
        if depth > _DEEPEST:
            raise ImportRefused(f"Units lie in each other more than {_DEEPEST} deep, at “{layer.name}”.")
        reading = Reading(layer, scope)
        given: dict[str, tuple[Json, Json]] = {}
        own = {one.name: one for one in net.layers.values() if one.type == "Argument"}
        for name, argument in own.items():
            chosen = reading if reading.has(name) else Reading(argument, Scope())
            setting = name if reading.has(name) else "Value"
            given[name] = (_value(chosen, setting), _stored(chosen, setting))
        handed = {} if own else {name: (value, f"={name}") for name, value in scope.arguments.items()}
        values = {name: value for name, (value, _) in (given | handed).items()}
        title, shape = self._block(net, layer, values, [flow.shape for flow in entering], depth)
        block = self.blocks[title]
        used = {node.name for node in block.nodes if node.kind == "argument"}
        settings = {name: stored for name, (_, stored) in (given | handed).items() if name in used}
        if layer.text(REPEAT, "1") != "1":
            settings["repeat"] = reading.stored(REPEAT)
        if layer.text(SHARED) == "True":
            settings["weights"] = "shared"
        key = f"{layer.id}:0"
        sheet.nodes.append(Drawn(key, "block", layer.name, settings, (*layer.place, 0), use=title))
        sheet.wires += [(flow.place, (key, port)) for flow, port in zip(entering, block.entries, strict=False)]
        if not block.exits:
            raise ImportRefused(f"The unit “{net.name}” gives nothing: no layer of it is its last.")
        return Flow((key, block.exits[0]), shape)

    def _block(
        self, net: Net, layer: Layer, values: Mapping[str, Json], entering: Sequence[Shape | None], depth: int
    ) -> tuple[str, Shape | None]:
        """The title of the block that the network is, for what enters here; and the size that leaves it."""
        sheet, shape = self.block_sheet(net, values, entering, depth + 1)
        alike = [title for title, known in self.blocks.items() if self.origins[title] == net.name and known.same(sheet)]
        if alike:
            return alike[0], shape
        title, number = net.name, 1
        while title in self.blocks:
            number += 1
            title = f"{net.name} {number}"
        sheet.title = title
        self.blocks[title], self.origins[title] = sheet, net.name
        return title, shape

    def block_sheet(
        self, net: Net, values: Mapping[str, Json], entering: Sequence[Shape | None], depth: int
    ) -> tuple[Sheet, Shape | None]:
        """A network drawn as the sheet of a block; and the size that leaves its first exit."""
        sheet = Sheet(net.name)
        scope = Scope(values)
        entries = [layer for layer in net.layers.values() if layer.type == "Input"]
        for number, layer in enumerate(entries):
            key = f"{layer.id}:0"
            sheet.nodes.append(Drawn(key, "block_input", layer.name, {}, (*layer.place, 0)))
            sheet.entries.append(key)
            shape = entering[number] if number < len(entering) else None
            sheet.flows[layer.id] = Flow((key, "out"), shape)
        for layer in in_order(net):
            if layer.type not in ("Input", "Argument", "Comment") and not is_judge(layer):
                flow = self.layer(sheet, net, layer, scope, depth)
                if flow is not None:
                    sheet.flows[layer.id] = flow
        shapes = self._exits(sheet, net)
        _comments(sheet, net)
        self._arguments(sheet, net, values)
        return sheet, shapes[0] if shapes else None

    def _exits(self, sheet: Sheet, net: Net) -> list[Shape | None]:
        leading = {link.source for link in net.links}
        ends = [key for key in sheet.flows if key not in leading]
        lowest = max((node.at[1] for node in sheet.nodes), default=0.0) + 1
        for end in ends:
            layer, flow = net.layers[end], sheet.flows[end]
            key = f"{end}:out"
            name = "output" if len(ends) == 1 else layer.name
            sheet.nodes.append(Drawn(key, "block_output", name, {}, (layer.place[0], lowest, 0)))
            sheet.wires.append((flow.place, (key, "in")))
            sheet.exits.append(key)
        return [sheet.flows[end].shape for end in ends]

    def _arguments(self, sheet: Sheet, net: Net, values: Mapping[str, Json]) -> None:
        """The arguments that settings on the sheet name."""
        named: set[str] = set()
        for node in sheet.nodes:
            named |= {name for raw in node.settings.values() if is_expression(raw) for name in names_in(raw)}
        own = {one.name: one for one in net.layers.values() if one.type == "Argument"}
        right = max((node.at[0] for node in sheet.nodes), default=0.0) + 7
        for row, name in enumerate(sorted(named & set(values))):
            if not is_argument_name(name):
                raise ImportRefused(f"The argument “{name}” of the unit “{net.name}” has a name that cannot be used.")
            argument = own.get(name)
            kind = _KINDS.get(argument.text("Type").casefold(), "") if argument else ""
            value = values[name]
            kind = kind or ("whole number" if isinstance(value, int) else "number")
            default = argument.text("Value", str(value)) if argument else str(value)
            settings: dict[str, Json] = {"kind": kind, "default": default}
            sheet.nodes.append(Drawn(f"{name}:argument", "argument", name, settings, (right, float(row), 0)))


def comment(key: str, text: str, at: tuple[float, float, int], name: str = "Comment") -> Drawn:
    """A comment as large as its text needs."""
    lines = sum(1 + len(line) // 24 for line in text.splitlines() or [""])
    size: list[Json] = [216.0, float(min(20 + 17 * lines, 400))]
    return Drawn(key, "comment", name, {"text": text[:9000], "size": size}, at)


def _comments(sheet: Sheet, net: Net) -> None:
    for layer in net.layers.values():
        if layer.type == "Comment" and layer.text("Comment").strip():
            text = re.sub(r"\\n", "\n", layer.text("Comment"))
            sheet.nodes.append(comment(f"{layer.id}:0", text, (*layer.place, 0)))


def _value(reading: Reading, name: str) -> Json:
    try:
        return reading.value(name)
    except Unknown:
        return reading.layer.text(name)


def _stored(reading: Reading, name: str) -> Json:
    try:
        return reading.stored(name)
    except Unknown:
        return reading.layer.text(name)
