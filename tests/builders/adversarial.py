"""Two small networks that play against each other, each with an optimizer and a part of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runtime.document import Document
from runtime.framed import BAR
from runtime.graph import Graph, Training, Wire, use_of
from tests.builders.graphs import add, source, wire


def players(
    maker: Mapping[str, Any] | None = None, judge: Mapping[str, Any] | None = None, training: Training | None = None
) -> Graph:
    """Images -> “Maker” (a convolution in the frame “Maker”) -> “Judge” (a block, used with shared weights on real and
    made images), SGD for each; the settings given are those of the two optimizers.
    """
    document = Document()
    with document.edit("Draw"):
        block = document.add_block("Judge")
        entry = add(document, "block_input", block)
        layer = add(document, ("convolution", {"filters": 2, "name": "Look"}), block)
        score = add(document, ("dense", {"units": 1, "name": "Score"}), block)
        flat = add(document, "global_average_pooling", block)
        leave = add(document, "block_output", block)
        for start, end in ((entry, layer), (layer, flat), (flat, score), (score, leave)):
            wire(document, start, end)
        images = source(document, label="", classes=(), counts=())
        ready = add(document, ("normalise", {"method": "range to 0–1"}))
        made = add(document, ("convolution", {"filters": 1, "name": "Make"}))
        wire(document, images, ready)
        wire(document, ready, made)
        uses = [document.add(use_of(block), name, settings={"weights": "shared"}) for name in ("Real", "Made")]
        losses = []
        for start, use, answers in ((ready, uses[0], (1.0,)), (made, uses[1], (0.0, 1.0))):
            document.connect(Wire(start, "out", use, entry))
            for value in answers:
                one = add(document, ("constant", {"value": value}))
                losses.append(add(document, "binary_cross_entropy"))
                document.connect(Wire(use, leave, losses[-1], "prediction"))
                wire(document, one, losses[-1], input="target")
        wire(document, made, add(document, ("output", {"name": "Answer"})))
        usual = {"rate": 0.1, "momentum": 0.0}
        of_judge = add(document, ("sgd", {"name": "Judge's", "part": "Judge", **usual, **(judge or {})}))
        of_maker = add(document, ("sgd", {"name": "Maker's", "part": "Maker", "order": 2, **usual, **(maker or {})}))
        for loss, optimizer in zip(losses, (of_judge, of_judge, of_maker), strict=True):
            wire(document, loss, optimizer)
        for row, node_id in enumerate(document.on("")):
            document.change(node_id, position=(0.0, 40.0 * row))
        left, top = document.nodes[made].position
        size = [BAR[0] + 32, BAR[1] + 32]
        document.add("frame", "Maker", settings={"size": [*size]}, position=(left - 16, top - 16))
        document.train_with(training or Training(epochs=2, batch=4, device="cpu"))
    return document.graph()


def with_setting(graph: Graph, name: str, **settings: Any) -> Graph:
    """The graph with settings of the node of this name changed."""
    nodes = {
        node_id: replace(node, settings={**node.settings, **settings}) if node.name == name else node
        for node_id, node in graph.nodes.items()
    }
    return replace(graph, nodes=nodes)
