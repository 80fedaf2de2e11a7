"""Every case is in exactly one batch of an epoch."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runtime.data.batches import Labels, Part, spans
from runtime.data.cache import CachedImages
from runtime.data.cache_images import ALIGNED, Images
from runtime.shared_learner import SharedPart


def part(count, cases, often=False, kind=Part):
    images = np.arange(count, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 4, 4), np.float32)
    masks = (images[:, 0] % 3).astype(np.uint8)
    stored = Images(images.reshape(-1).view(np.uint8), images.shape, range(0, images.nbytes, ALIGNED), "f" * count)
    cached = CachedImages(stored, masks, tuple(range(count)), ())
    return kind(cached, Labels(classes=torch.arange(count) % 2), cases, torch.device("cpu"), often)


@given(st.integers(1, 200), st.integers(1, 40))
def test_that_batches_cover_all_cases_and_none_is_alone(count, size):
    found = spans(count, size)
    assert [place for start, end in found for place in range(start, end)] == list(range(count))
    assert all(end - start <= size + 1 for start, end in found)
    if size > 1 and count > 1:
        assert all(end - start > 1 for start, end in found)


def test_that_images_and_labels_stay_together_in_any_order():
    cases = (3, 5, 8, 9, 11)
    own = part(12, cases)
    seen = []
    for batch in own.batches(2, own.walk(seed=4, epoch=2)):
        for row, case in enumerate(batch.cases):
            assert float(batch.images[row, 0, 0, 0]) == case
            assert int(batch.classes[row]) == case % 2
            assert int(batch.masks[row, 0, 0]) == case % 3
        seen += batch.cases
    assert sorted(seen) == list(cases)
    assert batch.masks.dtype == torch.int64


def test_that_the_order_follows_from_seed_and_epoch():
    own = part(50, tuple(range(50)))
    assert np.array_equal(own.order(1, 1), own.order(1, 1))
    assert not np.array_equal(own.order(1, 1), own.order(1, 2))
    assert not np.array_equal(own.order(1, 1), own.order(2, 1))


def test_that_batches_may_be_left_before_their_end():
    batches = part(50, tuple(range(50))).batches(5)
    assert next(batches).count == 5
    batches.close()
    with pytest.raises(StopIteration):
        next(batches)


def test_that_cases_read_often_are_kept_as_a_whole_where_the_budget_allows_it(monkeypatch):
    cases = (3, 5, 8, 9, 11)
    streamed, kept = part(12, cases), part(12, cases, often=True)
    assert streamed._whole is None
    assert kept._whole is not None
    walk = kept.walk(seed=4, epoch=2)
    for one, other in zip(streamed.batches(2, walk), kept.batches(2, walk), strict=True):
        assert one.cases == other.cases
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.masks, other.masks)
        assert torch.equal(one.classes, other.classes)
    monkeypatch.setattr("runtime.data.batches.resident_bytes", lambda: kept._bytes() - 1)
    assert part(12, cases, often=True)._whole is None


@pytest.mark.parametrize("rank", [0, 1])
def test_that_a_part_says_which_cases_a_process_measures(rank):
    alone = part(11, tuple(range(11)))
    assert alone.seen == tuple(case for batch in alone.batches(4) for case in batch.cases)
    shared = part(11, tuple(range(11)), kind=partial(SharedPart, SimpleNamespace(rank=rank, world=2), 4))
    assert shared.seen == tuple(case for batch in shared.batches(4) for case in batch.cases)
    assert len(shared.seen) == len(shared)
