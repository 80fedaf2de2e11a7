"""What a pass adds up does not depend on how many batches are counted together, and numbers are looked at fully."""

import pytest
import torch

from runtime.analysis import analyse
from runtime.data.batches import Batch
from runtime.device import without_denormals
from runtime.errors import NotFinite
from runtime.learner import Learner
from tests.builders import graphs

CPU = torch.device("cpu")
METRICS = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")


def learner_of(**more):
    torch.manual_seed(0)
    return Learner(analyse(graphs.classifier(before=["normalise"], **more)), "image_folder-1", CPU, 1)


def batch(seed, count=4):
    draw = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 1, 16, 16, generator=draw)
    return Batch(images, torch.randint(0, 2, (count,), generator=draw), None, None, tuple(range(count)))


@pytest.mark.parametrize("batches", [1, 63, 64, 65, 130])
def test_that_batches_counted_together_give_what_they_give_one_by_one(batches):
    results = []
    for each in (False, True):
        learner = learner_of(metrics=METRICS)
        learner.begin(learning=False)
        for seed in range(batches):
            learner.measure(batch(seed % 7, 2 + seed % 3))
            if each:
                learner.tally.settle()
        results.append(learner.results())
    assert results[0] == pytest.approx(results[1], rel=1e-12, nan_ok=True)
    assert len(results[0]) == 1 + len(METRICS)


def test_that_a_pass_begins_with_nothing_of_the_one_before():
    learner = learner_of()
    learner.begin(learning=False)
    learner.measure(batch(0))
    learner.begin(learning=False)
    learner.measure(batch(1))
    alone = learner_of()
    alone.begin(learning=False)
    alone.measure(batch(1))
    assert learner.results() == alone.results()


def test_that_numbers_whose_norm_is_beyond_float32_are_finite_all_the_same_and_one_that_is_not_is_found():
    learner = learner_of()
    weight = next(learner.network.parameters())
    with torch.no_grad():
        weight.fill_(3e38)
    learner.check_weights()
    with torch.no_grad():
        weight.view(-1)[-1] = torch.nan
    with pytest.raises(NotFinite, match="grew beyond all bounds"):
        learner.check_weights()


def test_that_numbers_too_small_to_matter_count_as_0_only_while_the_block_runs():
    small = torch.tensor([1e-30])
    assert float(small * 1e-10) > 0
    with without_denormals():
        assert float(small * 1e-10) == 0
    assert float(small * 1e-10) > 0
