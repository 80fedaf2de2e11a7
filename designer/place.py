"""Where in a drawing one is: on the main sheet, or on a block's sheet as one of its uses shows it."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.graph import MAIN, Graph, Node, block_of
from runtime.paths import INSIDE, place_of


@dataclass(frozen=True, slots=True)
class Place:
    """`path` names the uses that were entered, one inside the other; None for a block that was opened by itself."""

    sheet: str = MAIN
    path: str | None = ""

    def into(self, use: Node) -> Place:
        """The sheet of the block that a node on this sheet uses."""
        if self.path is None:
            return Place(block_of(use.type), None)
        return Place(block_of(use.type), f"{self.path}{INSIDE}{use.id}" if self.path else use.id)

    def around(self, graph: Graph) -> Place:
        """The place from which this one was entered."""
        if not self.path:
            return Place()
        outer, use = place_of(self.path)
        return Place(graph.nodes[use].sheet if use in graph.nodes else MAIN, outer)

    def exists_in(self, graph: Graph) -> bool:
        """Whether the sheet is still there, and shown by the same uses."""
        if self.sheet == MAIN or self.path is None:
            return self.sheet == MAIN or self.sheet in graph.blocks
        use = graph.nodes.get(place_of(self.path)[1])
        return use is not None and block_of(use.type) == self.sheet and self.around(graph).exists_in(graph)

    def trail(self, graph: Graph) -> tuple[tuple[str, Place], ...]:
        """The way here from the main sheet, which has no name: what a breadcrumb shows."""
        if self == Place():
            return (("", self),)
        use = graph.nodes.get(place_of(self.path)[1]) if self.path else None
        block = graph.blocks.get(self.sheet)
        name = use.name if use is not None else block.name if block is not None else self.sheet
        return (*self.around(graph).trail(graph), (name, self))
