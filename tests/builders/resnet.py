"""ResNet-50 as a person would draw it: a unit with and without projection, a stage, four stages on the main sheet."""

from __future__ import annotations

from runtime.document import Document
from runtime.graph import Graph, use_of
from runtime.ungrouping import ungroup
from tests.builders import graphs
from tests.builders.graphs import Layer

PARAMETERS = 25_557_032
"""Of ResNet-50 for 1,000 classes and colour images, as its authors' and PyTorch's model have them."""


def _norm_conv(filters: str, kernel: int, stride: int | str = 1) -> list[Layer]:
    settings = {"filters": filters, "kernel": kernel, "stride": stride, "padding": "same", "bias": False}
    if stride != 1:
        settings |= {"padding": "by hand", "border": kernel // 2}
    return [("convolution", settings), "batch_normalization"]


def _bottleneck(document: Document, projected: bool) -> str:
    block = document.add_block("Projection unit" if projected else "Identity unit")
    start = graphs.add(document, ("block_input", {"name": "image"}), block)
    graphs.add(document, ("argument", {"name": "width", "default": "64", "low": 1.0}), block)
    if projected:
        graphs.add(document, ("argument", {"name": "stride", "default": "1", "low": 1.0}), block)
    step = "=stride" if projected else 1
    body = [*_norm_conv("=width", 1), "relu", *_norm_conv("=width", 3, step), "relu", *_norm_conv("=4*width", 1)]
    end = graphs.chain(document, start, body)
    short = graphs.chain(document, start, _norm_conv("=4*width", 1, step)) if projected else start
    total = graphs.add(document, "add", block)
    graphs.wire(document, end, total)
    graphs.wire(document, short, total)
    end = graphs.chain(document, total, ["relu"])
    graphs.wire(document, end, graphs.add(document, ("block_output", {"name": "out"}), block))
    return block


def _stage(document: Document) -> str:
    projected, plain = _bottleneck(document, True), _bottleneck(document, False)
    block = document.add_block("Stage")
    start = graphs.add(document, ("block_input", {"name": "image"}), block)
    for name, default in (("width", "64"), ("stride", "2"), ("units", "3")):
        graphs.add(document, ("argument", {"name": name, "default": default, "low": 1.0}), block)
    end = graphs.chain(document, start, [
        (use_of(projected), {"name": "First unit", "width": "=width", "stride": "=stride"}),
        (use_of(plain), {"name": "More units", "width": "=width", "repeat": "=units-1"}),
    ])  # fmt: skip
    graphs.wire(document, end, graphs.add(document, ("block_output", {"name": "out"}), block))
    return block


def resnet50(classes: int = 1000, size: int = 224) -> Graph:
    """The whole network for colour images, with a plain input and an output."""
    document = Document()
    with document.edit("Draw"):
        stage = _stage(document)
        start = graphs.add(document, ("input", {"shape": (3, size, size)}))
        stem = [
            *_norm_conv(64, 7, 2),
            "relu",
            ("max_pooling", {"kernel": 3, "stride": 2, "padding": "by hand", "border": 1}),
        ]  # type: ignore[arg-type]
        stages: list[Layer] = [
            (
                use_of(stage),
                {"name": f"Stage {row + 1}", "width": 64 * 2**row, "stride": 1 if row == 0 else 2, "units": units},
            )
            for row, units in enumerate((3, 4, 6, 3))
        ]
        head: list[Layer] = ["global_average_pooling", ("dense", {"units": classes})]
        last = graphs.chain(document, start, [*stem, *stages, *head])
        graphs.wire(document, last, graphs.add(document, ("output", {"name": "Answer"})))
    return document.graph()


def dissolved(graph: Graph) -> Graph:
    """The same network without blocks: every use is dissolved."""
    document = Document(graph)
    while document.blocks:
        used = next(node.id for node in document.on("").values() if node.type.startswith("block:"))
        with document.edit("Dissolve"):
            ungroup(document, used)
        for block in [name for name in document.blocks if not document.uses_of(name)]:
            with document.edit("Remove"):
                document.remove_block(block)
    return document.graph()
