"""Loops of foreign networks: simple recurrent (Elman) networks and LSTMs are known by how their layers hang together.

Neural Network Console draws what happens in one step, between RecurrentInput and RecurrentOutput, with a Delay for what
is remembered. Recognised loops become one layer; of others every layer stays, and becomes a placeholder where it must.
"""

from __future__ import annotations

from dataclasses import replace

from runtime.importing.imported import Left
from runtime.importing.layers import Layer, Link, Net


def with_loops_recognised(net: Net, left: list[Left]) -> Net:
    """The network with one layer in the place of each loop that is known."""
    for entry in [layer for layer in net.layers.values() if layer.type == "RecurrentInput"]:
        loop = _Loop(net, entry)
        kind = loop.kind()
        if kind:
            net = loop.replaced(kind)
        else:
            left.append(
                Left(
                    f"the loop at RecurrentInput “{entry.name}”",
                    "it is neither a simple recurrent network nor an LSTM; put a Recurrent layer, LSTM or GRU there.",
                )
            )
    return net


class _Loop:
    """What lies between a RecurrentInput and its RecurrentOutput."""

    def __init__(self, net: Net, entry: Layer) -> None:
        self.net = net
        self.entry = entry
        self.body = self._reached()
        self.ends = [key for key in self.body if net.layers[key].type == "RecurrentOutput"]
        self.body -= set(self.ends)

    def _reached(self) -> set[str]:
        found: set[str] = set()
        waiting = [self.entry.id]
        while waiting:
            key = waiting.pop()
            for link in self.net.out_of(key):
                if link.target not in found:
                    found.add(link.target)
                    if self.net.layers[link.target].type != "RecurrentOutput":
                        waiting.append(link.target)
        return found

    def _of(self, kind: str) -> list[Layer]:
        return [self.net.layers[key] for key in self.body if self.net.layers[key].type == kind]

    def _source(self, layer: Layer, pin: int = 0) -> Layer | None:
        return self.net.layers.get(self.net.before(layer.id, pin))

    def _sources(self, layer: Layer) -> list[Layer]:
        return [self.net.layers[link.source] for link in self.net.into(layer.id)]

    def kind(self) -> str:
        """ "RNN", "LSTM", or "" for a loop that is not known."""
        if len(self.ends) != 1 or self.entry.text("Axis", "1") not in ("0", "1"):
            return ""
        if any(layer.text("Initial.GeneratorMultiplier", "0") not in ("0", "0.0") for layer in self._of("Delay")):
            return ""
        return "RNN" if self._is_elman() else "LSTM" if self._is_lstm() else ""

    def _joins(self, layer: Layer | None, remembered: Layer | None) -> bool:
        """Whether the layer joins what enters the step with what is remembered."""
        if layer is None or layer.type != "Concatenate" or remembered is None:
            return False
        return {one.id for one in self._sources(layer)} == {self.entry.id, remembered.id}

    def _is_elman(self) -> bool:
        """tanh(Affine(step and the last answer))."""
        if len(self.body) != 4 or {self.net.layers[key].type for key in self.body} != _ELMAN:
            return False
        (answer,), (affine,), (delay,) = self._of("Tanh"), self._of("Affine"), self._of("Delay")
        return (
            self._source(answer) == affine
            and self._source(delay) == answer
            and self._joins(self._source(affine), delay)
            and self.net.before(self.ends[0]) == answer.id
        )

    def _is_lstm(self) -> bool:
        """answer = gate × tanh(memory), memory = gate × last memory + gate × tanh(candidate)."""
        answer = self.net.layers.get(self.net.before(self.ends[0]))
        if len(self.body) != 16 or answer is None:
            return False
        reads = self._gated(answer, "Tanh")
        memory = self._source(reads) if reads else None
        if memory is None or memory.type != "Add2":
            return False
        delays = {self.net.before(one.id): one for one in self._of("Delay")}
        remembered, last = delays.get(memory.id), delays.get(answer.id)
        parts = self._sources(memory)
        candidates = [one for one in (self._gated(part, "Tanh") for part in parts) if one is not None]
        kept = [self._gated(part, "Delay") for part in parts]
        affines = self._of("Affine")
        return (
            len(candidates) == 1
            and remembered in kept
            and len(affines) == 4
            and all(self._joins(self._source(one), last) for one in affines)
            and self._source(candidates[0]) in affines
            and len({one.text("OutShape") for one in affines}) == 1
        )

    def _gated(self, product: Layer, kind: str) -> Layer | None:
        """Of gate × value, with a gate of Sigmoid after Affine: the value, where it is of this kind."""
        if product.type != "Mul2":
            return None
        parts = self._sources(product)
        gates = [one for one in parts if one.type == "Sigmoid" and getattr(self._source(one), "type", "") == "Affine"]
        values = [one for one in parts if one.type == kind]
        return values[0] if len(gates) == 1 and len(values) == 1 else None

    def replaced(self, kind: str) -> Net:
        """The network with one layer of this kind. A Slice of the last step behind it is part of it."""
        (end,) = self.ends
        after = [self.net.layers[link.target] for link in self.net.out_of(end)]
        last = len(after) == 1 and after[0].type == "Slice"
        gone = {self.entry.id, end, *self.body, *([after[0].id] if last else [])}
        units = self._of("Affine")[0].text("OutShape").split(",")[-1].strip()
        settings = {"Units": units, "Gives": "last step" if last else "every step"}
        layer = Layer(f"loop {self.entry.id}", kind, kind, settings, self.entry.place)
        leads = self.net.out_of(after[0].id if last else end)
        links = [link for link in self.net.links if link.source not in gone and link.target not in gone]
        links += [Link(link.source, layer.id) for link in self.net.into(self.entry.id)]
        links += [Link(layer.id, link.target, link.pin) for link in leads]
        layers = {key: one for key, one in self.net.layers.items() if key not in gone} | {layer.id: layer}
        return replace(self.net, layers=layers, links=tuple(links))


_ELMAN = {"Concatenate", "Affine", "Tanh", "Delay"}
