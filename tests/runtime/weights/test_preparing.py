"""Images are brought to what given weights expect by one change, which is offered only where it is needed."""

from __future__ import annotations

import pytest
import torch

from nodes.preparation import Normalise
from runtime.analysis import analyse
from runtime.compile import build
from runtime.document import Document
from runtime.fixes import apply_fix
from runtime.graph import Graph
from runtime.weights.namings.googlenet import NAMINGS as GOOGLENET
from runtime.weights.namings.naming import IMAGENET
from runtime.weights.preparing import is_prepared, preparing_fix
from tests.builders import graphs

HALVES = GOOGLENET[0].expected


def drawn(*before, channels=3) -> Graph:
    return graphs.classifier(before=list(before), channels=channels, size=(16, 16))


def mended(graph: Graph, expected) -> Graph:
    fix = preparing_fix(analyse(graph), expected)
    document = Document(graph)
    apply_fix(fix, document)
    return document.graph()


def normalised(graph: Graph) -> Normalise:
    return next(facts.type for facts in analyse(graph).facts.values() if isinstance(facts.type, Normalise))


@pytest.mark.parametrize("expected", [IMAGENET, HALVES])
@pytest.mark.parametrize("channels", [1, 3])
def test_that_one_change_prepares_images_as_the_weights_expect(expected, channels):
    graph = drawn("normalise", channels=channels)
    assert not is_prepared(analyse(graph), expected)
    after = mended(graph, expected)
    analysis = analyse(after)
    assert not analysis.errors
    assert is_prepared(analysis, expected)
    assert preparing_fix(analysis, expected) is None
    image = torch.rand(2, channels, 4, 4) * 255
    shape = (3, 1, 1) if channels == 3 else (1, 1, 1)
    mean, spread = (torch.tensor(one if channels == 3 else [sum(one) / 3]).view(shape) for one in
                    (expected.mean, expected.spread))  # fmt: skip
    made = build(normalised(after).call((channels, 4, 4)))(image)
    torch.testing.assert_close(made, (image / 255 - mean) / spread, rtol=1e-4, atol=1e-4)


def test_that_behind_a_window_values_come_from_0_to_1():
    after = mended(drawn("window", "normalise", channels=1), IMAGENET)
    assert (normalised(after).method, normalised(after).low, normalised(after).high) == ("as ImageNet", 0.0, 1.0)


def test_that_a_drawing_without_normalise_is_not_prepared_and_nothing_is_offered():
    analysis = analyse(drawn())
    assert not is_prepared(analysis, IMAGENET)
    assert preparing_fix(analysis, IMAGENET) is None
