"""Everything that follows from a graph: order, shapes, counts, what each output means, and every problem. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodes.placeholder import Placeholder
from nodes.roles import Condition, Loss, Optimizer, Output, Source
from nodes.spec import Kind, NodeType, Port, Shape, Target, Unfit, Value, find, spelled
from runtime.analysed import Analysis, Facts, Flow, Geometry, Meaning
from runtime.graph import Graph, Node, Opened, Wire
from runtime.known import Known
from runtime.mask_paths import mask_paths
from runtime.offers import way_out
from runtime.opening import opened
from runtime.optimized import nodes_of_part
from runtime.pieces import check_pieces
from runtime.problems import Problem, Severity, once
from runtime.raw_scores import squeezed_scores
from runtime.sharing import unlike_sharers
from runtime.wiring import misfit, sound_wires, sources_first

__all__ = ["Analysis", "Facts", "Flow", "Geometry", "Meaning", "analyse", "misfit"]


class _Analyst:
    """Walks a graph once and collects facts and problems."""

    def __init__(self, graph: Graph, before: Analysis | None) -> None:
        self.graph = opened(graph)
        self.known = Known(before)
        self.opened = self.graph.opened or Opened(graph)
        self.facts: dict[str, Facts] = {}
        self.problems: list[Problem] = []
        self.into: Mapping[str, list[Wire]] = {}
        self.broken: set[str] = set()  # nodes whose wires or settings are wrong: their shape is not asked for
        for told in self.opened.told:
            self.problem(told.node, told.field, told.message, told.severity, code=told.code)

    def problem(self, node_id: str, field: str, message: str, severity: Severity = "error", *, code: str = "") -> None:
        self.problems.append(Problem(node_id, field, severity, message, code))
        if severity == "error":
            self.broken.add(node_id)

    def run(self) -> Analysis:
        types = {
            node_id: self.known.type_of(node) or self._read(node) for node_id, node in self.graph.nodes.items()
        }  # fmt: skip
        order = self.known.order_of(self.graph)
        self.into = self.known.into if order else sound_wires(self.graph, types, self.problem)
        order = order or sources_first(self.graph, self.into, self.problem)
        # What lies on a loop or behind one has no place in the order: it is known by name alone.
        self.facts = {node_id: Facts(self.graph.nodes[node_id], None) for node_id in set(self.graph.nodes) - set(order)}
        for node_id in order:
            self.facts[node_id] = self._look(self.graph.nodes[node_id], types[node_id])
        mask_paths(self.graph.nodes, self.into, self.facts, self.problem)
        check_pieces(self.into, self.facts, self.problem)
        self.problems += squeezed_scores(self.into, self.facts)
        self.problems += unlike_sharers(self.opened.shares, self.facts)
        meanings = {node_id: self._meaning(node_id) for node_id in order if isinstance(types[node_id], Output)}
        reached = {node_id: self._reached(node_id) for node_id in order if isinstance(types[node_id], Optimizer)}
        trained, frozen = self._parted(reached, frozen=False), self._parted(reached, frozen=True)
        return Analysis(self.graph, order, self.facts, once(self.problems), meanings, trained, frozen, into=self.into)

    def _read(self, node: Node) -> NodeType | None:
        kind = find(node.type)
        if kind is None:
            self.problem(
                node.id, "", f"“{node.name}” is of the type “{node.type}”, which this version does not know; "
                "it keeps its settings and wires. Remove it or open the project with a newer version.",
                code="unknown_type",
            )  # fmt: skip
            return None
        read, wrong = kind.read(node.settings)
        known = {setting.name for setting in kind.settings()}
        if isinstance(read, Placeholder):
            self.problem(node.id, "", read.complaint(), code="placeholder")
        for name, message in wrong.items():
            if name in known:
                self.problem(node.id, name, message, code="setting")
            else:
                self.problem(node.id, name, message, "warning", code="unknown_setting")
        return read

    def _look(self, node: Node, kind: NodeType | None) -> Facts:
        if kind is None:
            return Facts(node, None)
        flows = {port.name: self._flows(node, port) for port in kind.inputs}
        if node.id in self.broken or any(found is None for found in flows.values()):
            return Facts(node, kind)
        arrived = {name: found for name, found in flows.items() if found is not None}
        came = tuple(flow for found in arrived.values() for flow in found)
        known = self.known.facts_of(node, came)
        if known is not None:
            return known
        inputs = self._inputs(node, kind, arrived)
        if node.id in self.broken:
            return Facts(node, kind)
        try:
            result = kind.infer(**inputs)
            parameters, multiply_adds = kind.parameters(**inputs), kind.multiply_adds(**inputs)
        except Unfit as error:
            self.problem(node.id, error.field, str(error), code="unfit")
            return Facts(node, kind, inputs)
        followed = [arrived[kind.follows]] if kind.follows else arrived.values()
        geometry = _joined([flow.geometry for found in followed for flow in found])
        if isinstance(kind, Source) and kind.feed in ("data", "given"):
            geometry = {node.id: ()}
        elif isinstance(kind, Condition):
            geometry = {}  # a label is no pixels
        elif kind.geometry:
            geometry = {source: None if path is None else (*path, node.id) for source, path in geometry.items()}
        return Facts(node, kind, inputs, _outputs(kind, result, geometry), parameters, multiply_adds, came)

    def _flows(self, node: Node, port: Port) -> tuple[Flow, ...] | None:
        """What arrives at the port; None when it is not known (the reason was told where it arose)."""
        wires = [wire for wire in self.into[node.id] if wire.input == port.name]
        if not wires:
            if node.id not in self.broken and (node.id, port.name) not in self.opened.unfed:
                message = f"“{node.name}” has nothing at its port “{port.name}”; draw a wire to it."
                self.problem(node.id, port.name, message, code="empty_port")
            return None
        if len(wires) > 1 and not port.many:
            message = f"“{node.name}” takes one wire at its port “{port.name}”, and {len(wires)} end there; "
            message += "keep one, or join them with Add or Concatenate."
            self.problem(node.id, port.name, message, code="many_wires")
            return None
        arrived = [self.facts[wire.source].outputs.get(wire.output) for wire in wires]
        for wire in wires:
            offered = self.facts[wire.source].outputs
            if offered and wire.output not in offered:
                message = f"“{self.graph.nodes[wire.source].name}” has no {wire.output} to give with its data; "
                values = {name: flow.value for name, flow in offered.items()}
                message += way_out(self.facts[wire.source].type, wire.output, port, values)
                self.problem(node.id, port.name, message, code="not_offered")
        known = [flow for flow in arrived if flow is not None]
        return tuple(known) if len(known) == len(arrived) else None

    def _inputs(
        self, node: Node, kind: NodeType, flows: Mapping[str, tuple[Flow, ...]]
    ) -> dict[str, Value | tuple[Value, ...]]:
        inputs: dict[str, Value | tuple[Value, ...]] = {}
        for port in kind.inputs:
            values: tuple[Value, ...] = tuple(flow.value for flow in flows[port.name])
            if port.kind is Kind.TENSOR and port.rank:
                self._check_rank(node, port, values)
            if port.kind is Kind.TARGET:
                tensors = [flow.geometry for name, found in flows.items() if name != port.name for flow in found]
                values = (self._target(node, port, flows[port.name][0], _joined(tensors)),)
            inputs[port.name] = values if port.many else values[0]
        return inputs

    def _check_rank(self, node: Node, port: Port, values: tuple[Value, ...]) -> None:
        for value in values:
            if isinstance(value, tuple) and len(value) not in port.rank:
                self.problem(node.id, port.name, _rank_message(node, port, value), code="rank")
                return

    def _target(self, node: Node, port: Port, flow: Flow, prediction: Geometry) -> Target:
        """The target as the node sees it: its pixels moved along with those the prediction was made from."""
        target = flow.value if isinstance(flow.value, Target) else Target("image", flow.value)
        if port.labels and target.label not in port.labels:
            fits = " or ".join(port.labels)
            message = f"“{node.name}” compares with a {fits}; a {target.label} came."
            self.problem(node.id, port.name, message, code="label")
        kind = find(node.type)
        if kind is not None and issubclass(kind, Condition):
            return target
        paired = getattr(kind, "paired", True)
        for source, path in flow.geometry.items():
            if source not in prediction and not paired:
                continue
            if source not in prediction:
                name = self.graph.nodes[source].name
                message = f"The target comes from “{name}”, but the prediction is not made from its images; "
                self.problem(node.id, port.name, message + "take both from the same source.", code="other_source")
                continue
            moved = prediction[source]
            if target.label == "mask" and moved:
                target = replace(target, shape=(self.facts[moved[-1]].shape or (0,))[1:])
            agrees = target.label in ("class", "labels", "number") or (moved is not None and path in ((), moved))
            if target.label == "image":
                agrees = moved == path
            if not agrees:
                message = f"The prediction and the {target.label} of “{node.name}” went through different resizing or "
                message += "augmentation, so their pixels do not lie on each other; use one path for both."
                self.problem(node.id, port.name, message, code="paths")
        return target

    def _meaning(self, output_id: str) -> Meaning:
        """What the losses that judge the same tensor say about it."""
        ends = self._answered(output_id)
        found: dict[Meaning, str] = {}
        for node_id, facts in self.facts.items():
            judged = {(wire.source, wire.output) for wire in self.into[node_id] if wire.input == "prediction"}
            if isinstance(facts.type, Loss) and facts.inputs and judged & ends:
                target = facts.inputs["target"]
                classes = target.classes if isinstance(target, Target) else ()
                activation, task = facts.type.activation(**facts.inputs), facts.type.task(**facts.inputs)
                units = target.units if isinstance(target, Target) else ()
                found[Meaning(activation, task, classes, units)] = node_id
        activations = sorted({meaning.activation for meaning in found})
        if len(activations) > 1:
            message = f"The losses before “{self.graph.nodes[output_id].name}” ask for different outputs "
            message += f"({', '.join(activations)}); use losses of one kind for one output."
            self.problem(output_id, "", message, code="meanings")
        return next(iter(found), Meaning())

    def _answered(self, output_id: str) -> set[tuple[str, str]]:
        """The tensors that the answer of an output is picked from: what enters it, and what that was picked from."""
        ends: set[tuple[str, str]] = set()
        waiting = list(self.into[output_id])
        while waiting:
            wire = waiting.pop()
            ends.add((wire.source, wire.output))
            kind = self.facts[wire.source].type
            waiting += [one for one in self.into[wire.source] if kind is not None and one.input == kind.answers]
        return ends

    def _parted(self, reached: Mapping[str, tuple[str, ...]], frozen: bool) -> dict[str, tuple[str, ...]]:
        return {
            optimizer: tuple(node_id for node_id in node_ids if self.facts[node_id].frozen == frozen)
            for optimizer, node_ids in reached.items()
        }

    def _reached(self, optimizer_id: str) -> tuple[str, ...]:
        """The nodes with trained numbers before its losses."""
        reached: set[str] = set()
        waiting = [optimizer_id]
        while waiting:
            for wire in self.into[waiting.pop()]:
                if wire.source not in reached:
                    reached.add(wire.source)
                    waiting.append(wire.source)
        reached = {self.opened.shares.get(node_id, node_id) for node_id in reached}
        kind = self.facts[optimizer_id].type
        if isinstance(kind, Optimizer) and kind.part:
            reached &= nodes_of_part(self.graph, kind.part, self.opened.shares)
        return tuple(node_id for node_id in self.facts if node_id in reached and self.facts[node_id].parameters)


def analyse(graph: Graph, before: Analysis | None = None) -> Analysis:
    """Derive all facts of the graph. Never raises on what a user or a file can do wrong: that is in `problems`.

    With the analysis from `before` an edit, what the edit did not touch is taken from it; the outcome is the same.
    """
    return _Analyst(graph, before).run()


def _outputs(kind: NodeType, result: Shape | Mapping[str, Value], geometry: Geometry) -> dict[str, Flow]:
    values = {kind.outputs[0].name: result} if isinstance(result, tuple) and kind.outputs else result
    if isinstance(values, tuple):
        return {}
    return {port.name: Flow(port.kind, values[port.name], geometry) for port in kind.outputs if port.name in values}


def _joined(paths: list[Geometry]) -> Geometry:
    joined: dict[str, tuple[str, ...] | None] = {}
    for path in paths:
        for source, moved in path.items():
            joined[source] = moved if joined.get(source, moved) == moved else None
    return joined


def _rank_message(node: Node, port: Port, shape: Shape) -> str:
    fits = " or ".join(_RANKS[rank] for rank in port.rank)
    way = ""
    if port.rank == (1,) and len(shape) > 1:
        way = "; put Flatten or Global pooling before it"
    elif len(shape) == 1:
        way = "; put it before Flatten and Dense, or use Reshape"
    return f"“{node.name}” takes {fits}; {_RANKS.get(len(shape), 'a tensor')} of {spelled(shape)} came{way}."


_RANKS = {1: "a list of features", 2: "a 1-D signal", 3: "a 2-D image", 4: "a 3-D volume"}
