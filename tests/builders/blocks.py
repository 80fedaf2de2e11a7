"""Drawings with blocks, made through the document as a user would."""

from __future__ import annotations

from runtime.document import Document
from runtime.graph import Graph, use_of
from runtime.grouping import group
from tests.builders import graphs


def unit(document: Document) -> str:
    """A residual unit with the arguments `channels` and `stride`: convolution, norm, ReLU, and a 1×1 shortcut."""
    block = document.add_block("Residual unit", "Two ways around, added.")
    start = graphs.add(document, ("block_input", {"name": "image"}), block)
    graphs.add(document, ("argument", {"name": "channels", "default": "8", "low": 1.0}), block)
    graphs.add(document, ("argument", {"name": "stride", "default": "1", "low": 1.0}), block)
    body = [
        ("convolution", {"filters": "=channels", "kernel": 3, "padding": "same"}) if first else "batch_normalization"
        for first in (True, False)
    ]
    end = graphs.chain(
        document, start, [*body, "relu", ("average_pooling", {"kernel": "=stride", "stride": "=stride"})]
    )
    short = graphs.chain(document, start, [
        ("convolution", {"filters": "=channels", "kernel": 1, "stride": "=stride", "name": "Shortcut"})
    ])  # fmt: skip
    total = graphs.add(document, "add", block)
    graphs.wire(document, end, total)
    graphs.wire(document, short, total)
    graphs.wire(document, total, graphs.add(document, ("block_output", {"name": "out"}), block))
    return block


def stage(document: Document, inner: str) -> str:
    """A stage of a network: one unit that halves the image, then `more` units that keep it."""
    block = document.add_block("Stage")
    start = graphs.add(document, ("block_input", {"name": "image"}), block)
    graphs.add(document, ("argument", {"name": "width", "default": "8", "low": 1.0}), block)
    graphs.add(document, ("argument", {"name": "more", "default": "2"}), block)
    end = graphs.chain(document, start, [
        (use_of(inner), {"channels": "=width", "stride": 2, "name": "First"}),
        (use_of(inner), {"channels": "=width", "repeat": "=more", "name": "Rest"}),
    ])  # fmt: skip
    graphs.wire(document, end, graphs.add(document, ("block_output", {"name": "out"}), block))
    return block


def residual() -> Graph:
    """A small residual network: two stages of different width and depth, each one node on the main sheet."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document)
        block = stage(document, unit(document))
        stages = [
            (use_of(block), {"width": 4, "more": 1, "name": "Stage 1"}),
            (use_of(block), {"width": 6, "more": "=1+2", "name": "Stage 2"}),
        ]
        last = graphs.chain(document, start, [*stages, "global_average_pooling", ("dense", {"units": 2})])
        graphs.judge(document, last, start, "class", "cross_entropy")
    return document.graph()


def siamese() -> Graph:
    """One image and the same image blurred, through two uses of one encoder that share their weights."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document)
        encoder = document.add_block("Encoder")
        entry = graphs.add(document, ("block_input", {"name": "x"}), encoder)
        code = graphs.chain(document, entry, [("convolution", {"filters": 4}), "relu", "global_average_pooling"])
        graphs.wire(document, code, graphs.add(document, ("block_output", {"name": "code"}), encoder))
        blurred = graphs.chain(document, start, [("average_pooling", {"kernel": 2, "stride": 2})])
        ends = [
            graphs.chain(document, origin, [(use_of(encoder), {"weights": "shared"})]) for origin in (start, blurred)
        ]
        joined = graphs.add(document, "subtract")
        for end, port in zip(ends, ("left", "right"), strict=True):
            graphs.wire(document, end, joined, input=port)
        last = graphs.chain(document, joined, [("dense", {"units": 2})])
        graphs.judge(document, last, start, "class", "cross_entropy")
    return document.graph()


def siamese_on_two_sheets() -> Graph:
    """Two uses of one encoder with shared weights, one of them inside another block."""
    document = Document(siamese())
    second = document.uses_of("block-1")[1]
    with document.edit("Group"):
        group(document, [second], "Outer")
    return document.graph()
