"""One sheet of an analysed drawing, as its nodes are drawn there: what the canvas shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nodes.blocks import BlockPort
from nodes.spec import NodeType, Value
from runtime.analysed import Analysis, Facts, Flow
from runtime.graph import MAIN, Graph, Node, Opened
from runtime.paths import INSIDE, inside
from runtime.problems import Problem


def sheet_view(analysis: Analysis, sheet: str = MAIN, path: str | None = "") -> Analysis:
    """The facts and problems of the nodes on one sheet, by their ids as drawn.

    A use of a block has the shapes at its ports and the sums of what it holds; problems inside it are shown at it.
    `path` names the use that is looked into; None shows a block's sheet without shapes, as nothing uses it.
    """
    if sheet == MAIN and analysis.graph.nodes is analysis.drawn.nodes:
        return analysis
    return _View(analysis, analysis.drawn.only(sheet), sheet, path).made()


class _View:
    def __init__(self, analysis: Analysis, graph: Graph, sheet: str, path: str | None) -> None:
        self.whole = analysis
        self.opened = analysis.graph.opened or Opened(analysis.drawn)
        self.graph = graph
        self.sheet = sheet
        self.path = path
        self.parameters: Counter[str] = Counter()
        self.multiply_adds: Counter[str] = Counter()
        self.order: dict[str, None] = {}

    def made(self) -> Analysis:
        if self.path is None:
            facts = {node.id: Facts(node, self._read(node)) for node in self.graph.nodes.values()}
            return Analysis(self.graph, tuple(facts), facts, (), {}, {}, {}, self.sheet, None)
        for node_id in self.whole.order:
            self._count(node_id)
        facts = {node_id: self._facts(node) for node_id, node in self.graph.nodes.items()}
        order = tuple(dict.fromkeys((*self.order, *facts)))
        trained, frozen = self._by_optimizer(self.whole.trained), self._by_optimizer(self.whole.frozen)
        meanings = {self._id(key): meaning for key, meaning in self.whole.meanings.items() if self._is_here(key)}
        return Analysis(
            self.graph, order, facts, tuple(self._problems()), meanings, trained, frozen, self.sheet, self.path
        )  # fmt: skip

    def _count(self, node_id: str) -> None:
        top = inside(node_id, self.path or "")
        if top:
            self.order[top] = None
            self.multiply_adds[top] += self.whole.facts[node_id].multiply_adds
            self.parameters[top] += 0 if node_id in self.whole.shares else self.whole.facts[node_id].parameters

    def _at(self, name: str) -> str:
        return f"{self.path}{INSIDE}{name}" if self.path else name

    def _id(self, opened_id: str) -> str:
        return inside(opened_id, self.path or "")

    def _is_here(self, opened_id: str) -> bool:
        return self._id(opened_id) in self.graph.nodes and self._at(self._id(opened_id)) == opened_id

    def _by_optimizer(self, found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {self._id(key): self._tops(nodes) for key, nodes in found.items() if self._is_here(key)}

    def _tops(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(top for node in nodes if (top := self._id(node))))

    def _facts(self, node: Node) -> Facts:
        at = self._at(node.id)
        found = self.whole.facts.get(at)
        if found is not None:
            return replace(found, node=node, parameters=self.parameters[node.id])
        if at in self.opened.uses:
            return self._use(node, at)
        kind = self._read(node)
        if isinstance(kind, BlockPort):
            values = self._values({"in": at})
            flows = self._flows({"out": at})
            return Facts(node, kind, values if not kind.entry else {}, flows if kind.entry else {})
        return Facts(node, kind)

    def _use(self, node: Node, at: str) -> Facts:
        first = self.opened.uses[at]
        last = f"{at}#{first.copies}" if first.copies > 1 else at
        inputs = self._values({port.name: f"{at}{INSIDE}{port.name}" for port in first.kind.inputs})
        outputs = self._flows({port.name: f"{last}{INSIDE}{port.name}" for port in first.kind.outputs})
        counts = self.parameters[node.id], self.multiply_adds[node.id]
        return Facts(node, first.kind, inputs, outputs, *counts)

    def _values(self, ends: Mapping[str, str]) -> dict[str, Value | tuple[Value, ...]]:
        return {name: flow.value for name, flow in self._flows(ends).items()}

    def _flows(self, ends: Mapping[str, str]) -> dict[str, Flow]:
        """What is known of the values at ports of blocks, by the names given."""
        flows = {}
        for name, end in ends.items():
            place = self.opened.ends.get(end)
            facts = self.whole.facts.get(place[0]) if place else None
            if place and facts is not None and place[1] in facts.outputs:
                flows[name] = facts.outputs[place[1]]
        return flows

    def _read(self, node: Node) -> NodeType | None:
        kind = self.graph.find(node.type)
        return None if kind is None else kind.read(node.settings)[0]

    def _problems(self) -> Iterator[Problem]:
        for problem in self.whole.problems:
            top = self._id(problem.node)
            if not problem.node:
                yield problem
            elif top in self.graph.nodes and self._at(top) == problem.node:
                yield replace(problem, node=top)
            elif top in self.graph.nodes:
                message = f"Inside “{self.graph.nodes[top].name}”: {problem.message}"
                yield Problem(top, "", problem.severity, message, "inside")
