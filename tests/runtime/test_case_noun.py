"""What one case of a drawing is called where its cost is told."""

from dataclasses import replace

import pytest

from runtime.analysis import analyse
from runtime.case_noun import case_noun
from runtime.cli.compare import _result
from runtime.comparison import Comparison
from runtime.run_facts import RunFacts, from_record, record_of
from runtime.template_fit import fitted
from runtime.templates import graph_of
from tests.builders import graphs
from tests.runtime.test_templates import dataset

VOLUMES = {"found_size": (16, 16, 16), "size": (16, 16, 16), "take": "volumes", "taken": "volumes"}


def fitted_to(name, label, classes=("a", "b"), **other):
    """A template with data."""
    return fitted(graph_of(name), replace(dataset(label, classes), **other))


@pytest.mark.parametrize(
    ("graph", "noun"),
    [
        (lambda: graphs.classifier(), "image"),
        (lambda: graphs.classifier(layers=("global_average_pooling",), **VOLUMES), "volume"),
        (lambda: graphs.classifier(points="patches of 32 pixels"), "patch"),
        (lambda: fitted_to("ecg", "class", kind="signal", channels=12, size=(5000,)), "signal"),
        (lambda: fitted_to("gan", ""), "image"),
        (lambda: fitted_to("u-net-pieces", "mask"), "piece"),
        (lambda: graphs.two_sources({}, VOLUMES), "case"),
    ],
)
def test_that_a_case_is_called_what_the_sources_give(graph, noun):
    assert case_noun(analyse(graph())) == noun


def test_that_runs_keep_the_noun_with_their_cost():
    facts = RunFacts("r", "r", "", "finished", multiply_adds=1200, one_case="signal")
    assert from_record(record_of(facts)) == facts
    assert "1200 multiply-adds per signal" in _result(Comparison((facts,), ((),), ({},), {"multiply_adds": ()}), 0)
