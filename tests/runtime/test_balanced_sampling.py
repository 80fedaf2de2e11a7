"""Balanced sampling: every class equally often in each epoch, nothing repeated before all of its class was used."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from runtime.analysis import analyse
from runtime.cli.main import app
from runtime.data.balance import balanced_order
from runtime.data.batches import Labels, Part
from runtime.data.cache import CachedImages
from runtime.data.cache_images import ALIGNED, Images
from runtime.errors import RunError
from runtime.events import Epoch, Finished
from runtime.files import save_graph
from runtime.graph import Training
from runtime.job import load_job, make_job
from runtime.readiness import training_problems
from runtime.runs import create_run
from runtime.shared_learner import SharedPart
from runtime.train import train
from runtime.training_values import read_training, training_faults
from tests.builders import graphs, pictures

CLASSES = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array)


@given(CLASSES, st.integers(0, 2**40), st.integers(1, 300))
def test_that_an_epoch_has_as_many_cases_as_there_are_with_every_class_equally_often(classes, seed, epoch):
    order = balanced_order(classes, seed, epoch)
    assert len(order) == len(classes)
    by_class = Counter(classes[order].tolist())
    assert len(classes) < len(set(classes.tolist())) or max(by_class.values()) - min(by_class.values()) <= 1
    seen = Counter(order.tolist())
    for label in by_class:
        own = [seen[place] for place in np.flatnonzero(classes == label).tolist()]
        assert max(own) - min(own) <= 1
    assert np.array_equal(order, balanced_order(classes, seed, epoch))


@given(CLASSES, st.integers(0, 2**40), st.integers(1, 12))
def test_that_over_all_epochs_every_case_of_a_class_is_used_before_one_is_used_again(classes, seed, epochs):
    seen: Counter[int] = Counter()
    for epoch in range(1, epochs + 1):
        seen.update(balanced_order(classes, seed, epoch).tolist())
        for label in set(classes.tolist()):
            own = [seen[place] for place in np.flatnonzero(classes == label).tolist()]
            assert max(own) - min(own) <= 1
    counts = Counter(dict.fromkeys(classes.tolist(), 0))
    counts.update(classes[np.repeat(list(seen), list(seen.values()))].tolist())
    assert max(counts.values()) - min(counts.values()) <= 1


def test_that_epochs_and_seeds_have_orders_of_their_own():
    classes = np.array([0] * 40 + [1] * 5)
    orders = [balanced_order(classes, seed, epoch) for seed, epoch in ((1, 1), (1, 2), (1, 3), (2, 1))]
    assert not any(np.array_equal(one, other) for one, other in pairwise(orders))
    assert sorted(orders[0].tolist()) != sorted(orders[1].tolist())


def part(classes, kind=Part, *more):
    count = len(classes)
    images = np.arange(count, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 4, 4), np.float32)
    stored = Images(images.reshape(-1).view(np.uint8), images.shape, range(0, images.nbytes, ALIGNED), "f" * count)
    cached = CachedImages(stored, None, tuple(range(count)), ())
    labels = Labels(classes=None if classes is None else torch.tensor(classes))
    return kind(*more, cached, labels, tuple(range(count)), torch.device("cpu"), True)


def test_that_several_processes_take_their_shares_of_one_order():
    classes = [0] * 17 + [1] * 4
    whole = part(classes)
    parts = [part(classes, SharedPart, SimpleNamespace(rank=rank, world=2), 6) for rank in (0, 1)]
    order = whole.order(3, 5, balanced=True)
    taken = []
    for own in parts:
        assert np.array_equal(own.order(3, 5, balanced=True), order)
        taken += [case for batch in own.batches(6, own.walk(3, 5, balanced=True)) for case in batch.cases]
    assert Counter(taken) == Counter(order.tolist())
    assert sum(map(len, parts)) == len(classes)


def test_that_a_run_sees_as_many_cases_as_before_and_both_classes_equally_often(tmp_path):
    data = pictures.class_folders(tmp_path / "data")
    rare = next(iter(sorted(path for path in data.iterdir() if path.is_dir())))
    for file in sorted(rare.iterdir())[5:]:
        file.unlink()
    graph = graphs.trained_with(graphs.classifier(**pictures.facts(data)), sampling="balanced", split="image")
    run = create_run(make_job(graph, tmp_path / "run", epochs=2, batch=4, device="cpu"))
    events = list(train(run.job))
    assert isinstance(events[-1], Finished)
    assert len([event for event in events if isinstance(event, Epoch)]) == 2
    assert load_job(run.folder).training.sampling == "balanced"
    with pytest.raises(RunError, match="sampling"):
        make_job(graph, run.folder, resume=True, more={"sampling": "all"})


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (graphs.segmenter, "have a mask and not one class each"),
        (graphs.regressor, "have a number and not one class each"),
    ],
)
def test_that_data_without_one_class_each_are_refused_in_words(graph, said):
    problems = training_problems(analyse(graphs.trained_with(graph(), sampling="balanced")))
    (told,) = [problem for problem in problems if problem.code == "sampling"]
    assert said in told.message
    assert told.severity == "error"
    assert not [problem for problem in training_problems(analyse(graph())) if problem.code == "sampling"]


def test_that_a_part_without_classes_is_not_balanced():
    own = part([0, 1, 0])
    own._labels = Labels()
    with pytest.raises(RunError, match="have no classes"):
        own.order(0, 1, balanced=True)


def test_that_the_setting_is_read_with_distrust():
    assert read_training({"sampling": "balanced"}) == Training(sampling="balanced")
    with pytest.raises(ValueError, match="one of all, balanced should be"):
        read_training({"sampling": "often"})
    (fault,) = training_faults(Training(sampling="often"))
    assert "one of all, balanced fits" in fault


def test_that_the_command_line_trains_balanced(tmp_path):
    data = pictures.class_folders(tmp_path / "data")
    save_graph(graphs.classifier(**pictures.facts(data)), tmp_path / "one.netloom")
    words = ["train", str(tmp_path / "one.netloom"), "--run", str(tmp_path / "run"), "--epochs", "1", "--device", "cpu"]
    done = CliRunner().invoke(app, [*words, "--sampling", "balanced"])
    assert done.exit_code == 0, done.output
    assert load_job(tmp_path / "run").training.sampling == "balanced"
