"""Exported source of networks with blocks: a class for each block, and the very same numbers."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from runtime.compile import Deployed
from runtime.document import Document
from runtime.errors import RunError
from runtime.graph import Graph, use_of
from runtime.source import python_source
from tests.builders import blocks, graphs
from tests.runtime.test_source import exported_answers, trained


def classes_in(text: str) -> list[str]:
    return [part.name for part in ast.parse(text).body if isinstance(part, ast.ClassDef)]


@pytest.mark.slow
@pytest.mark.parametrize("graph", [blocks.residual(), blocks.siamese()], ids=["residual", "siamese"])
def test_that_the_classes_alone_give_identical_numbers(graph: Graph, tmp_path: Path) -> None:
    network = trained(graph)
    image = torch.randn(3, 1, 21, 17) * 100
    with torch.inference_mode():
        (expected,) = Deployed(network)(image)
    (answer,) = exported_answers(network, [image], tmp_path)
    assert np.array_equal(answer, expected.numpy())


def test_that_every_block_is_one_class_with_what_differs_as_arguments() -> None:
    text = python_source(graphs.sound(blocks.residual()))
    assert [name for name in classes_in(text) if name != "Fit"] == ["ResidualUnit", "Stage", "Stage2", "Network"]
    assert "def __init__(self, in_channels: int, channels: int, stride: tuple[int, ...]) -> None:" in text
    assert "*(ResidualUnit(in_channels=6, channels=6, stride=(1, 1)) for _ in range(3))" in text
    assert '"""Two ways around, added."""' in text


def test_that_shared_weights_are_one_module_called_twice() -> None:
    text = python_source(graphs.sound(blocks.siamese()))
    assert text.count("self.encoder = Encoder()") == 1
    assert text.count("= self.encoder(") == 2


def test_that_weights_shared_across_sheets_are_refused_in_words() -> None:
    graph = blocks.siamese_on_two_sheets()
    with pytest.raises(RunError, match="shares its weights with a use on another sheet"):
        python_source(graphs.sound(graph))


def shuffled_by(*groups: int) -> Graph:
    """Uses of one block, in which a function is called with another value each time."""
    document = Document()
    with document.edit("Draw"):
        block = document.add_block("Shuffle")
        start = graphs.add(document, ("block_input", {"name": "image"}), block)
        graphs.add(document, ("argument", {"name": "groups", "default": "2"}), block)
        end = graphs.chain(document, start, [("channel_shuffle", {"groups": "=groups"})])
        graphs.wire(document, end, graphs.add(document, ("block_output", {"name": "out"}), block))
        source = graphs.source(document)
        first = graphs.chain(document, source, [("convolution", {"filters": 12})])
        last = graphs.chain(document, first, [(use_of(block), {"groups": number}) for number in groups])
        scores = graphs.chain(document, last, ["flatten", ("dense", {"units": 2})])
        graphs.judge(document, scores, source, "class", "cross_entropy")
    return document.graph()


def test_that_copies_that_call_a_function_with_other_values_are_classes_of_their_own(tmp_path: Path) -> None:
    network = trained(shuffled_by(2, 3, 2))
    made = classes_in(python_source(network.analysis))
    assert [name for name in made if "Shuffle" in name] == ["Shuffle", "Shuffle2"]
    image = torch.randn(3, 1, 16, 16) * 100
    with torch.inference_mode():
        (expected,) = Deployed(network)(image)
    (answer,) = exported_answers(network, [image], tmp_path)
    assert np.array_equal(answer, expected.numpy())
