"""What the search puts first."""

import pytest

import nodes  # noqa: F401 - registers the node types
from designer.canvas.fitting import suits_the_data
from designer.canvas.matching import by_category, ranked
from nodes.spec import REGISTRY
from runtime.analysis import analyse
from tests.builders import graphs

TYPES = [kind for members in by_category(REGISTRY.values()).values() for kind in members]


def found(query, graph=None):
    analysis = analyse(graph) if graph is not None else None
    suits = (lambda kind: suits_the_data(analysis, kind)) if analysis is not None else (lambda _kind: True)
    return [kind.title for kind in ranked(query, TYPES, suits)]


def test_that_scattered_letters_are_left_out_where_something_holds_the_word():
    losses = {"Cross-entropy", "Binary cross-entropy", "Dice + cross-entropy", "Box class loss", "Objectness loss"}
    assert set(found("cross")) == {*losses, "Local response normalisation"}  # the last goes across channels
    assert "Window/level" not in found("loss")
    assert "IoU" not in found("conv")


def test_that_scattered_letters_and_slips_still_find_when_nothing_else_does():
    assert found("cnv")[0] == "Convolution"
    assert "Dropout" in found("dropuot")


@pytest.mark.parametrize("query", ["cross", "loss"])
def test_that_the_losses_that_suit_the_data_come_first(tmp_path, query):
    classes = found(query, graphs.classifier(folder=str(tmp_path)))
    assert classes[0] == "Cross-entropy"
    assert classes.index("Focal loss" if query == "loss" else "Binary cross-entropy") < classes.index(
        "Dice + cross-entropy"
    )
    if query == "loss":
        assert found(query, graphs.regressor(folder=str(tmp_path)))[0] == "Squared error"
        assert "Dice loss" in found(query, graphs.segmenter(folder=str(tmp_path)))[:3]


def test_that_the_title_itself_comes_first_even_where_it_does_not_suit(tmp_path):
    assert found("dice loss", graphs.classifier(folder=str(tmp_path)))[0] == "Dice loss"
    assert found("max pool")[0] == "Max pooling"
    assert found("adam")[0] == "Adam"
