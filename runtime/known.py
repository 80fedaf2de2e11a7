"""What an earlier analysis found and an edit did not touch: it need not be found again."""

from __future__ import annotations

from collections.abc import Mapping

from nodes.spec import Kind, NodeType
from runtime.analysed import Analysis, Facts, Flow
from runtime.graph import Graph, Node, Wire
from runtime.paths import first_copies


class Known:
    """The facts of nodes that are as they were. Nodes with problems are looked at anew, so that all is told again; so
    are all copies of such a node, for which the problem is told once.
    """

    def __init__(self, before: Analysis | None) -> None:
        self._facts: Mapping[str, Facts] = before.facts if before is not None else {}
        self._graph = before.graph if before is not None else Graph()
        self._order = before.order if before is not None else ()
        self._doubtful = {first_copies(problem.node) for problem in before.problems} if before is not None else set()
        self.into: Mapping[str, list[Wire]] = before.into if before is not None else {}

    def type_of(self, node: Node) -> NodeType | None:
        """The node with its settings as they were read; None where it must be read."""
        facts = self._same(node)
        return facts.type if facts is not None else None

    def order_of(self, graph: Graph) -> tuple[str, ...]:
        """The order of the nodes; () where a wire, or the type of a node, may have changed it."""
        before = self._graph
        if self._doubtful or graph.wires != before.wires or graph.nodes.keys() != before.nodes.keys():
            return ()
        same = all(
            node is before.nodes[name] or node.type == before.nodes[name].type for name, node in graph.nodes.items()
        )
        return self._order if same else ()

    def facts_of(self, node: Node, came: tuple[Flow, ...]) -> Facts | None:
        """What is known of a node that is as it was and gets what it got; None where it must be looked at."""
        facts = self._same(node)
        if facts is None or facts.type is None or facts.came != came or not (facts.outputs or facts.inputs):
            return None
        # A target's shape depends on nodes far away: on what moves the pixels of the prediction that it judges.
        return None if any(port.kind is Kind.TARGET for port in facts.type.inputs) else facts

    def _same(self, node: Node) -> Facts | None:
        facts = self._facts.get(node.id)
        if facts is None or first_copies(node.id) in self._doubtful or not (facts.node is node or facts.node == node):
            return None
        return facts
