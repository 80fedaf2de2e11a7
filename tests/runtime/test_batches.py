"""Every case is in exactly one batch of an epoch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from runtime.data.batches import Labels, Part, spans
from runtime.data.cache import CachedImages
from runtime.data.cache_images import ALIGNED, Images


def part(count, cases):
    images = np.arange(count, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 4, 4), np.float32)
    masks = (images[:, 0] % 3).astype(np.uint8)
    stored = Images(images.reshape(-1).view(np.uint8), images.shape, range(0, images.nbytes, ALIGNED), "f" * count)
    cached = CachedImages(stored, masks, tuple(range(count)), ())
    return Part(cached, Labels(classes=torch.arange(count) % 2), cases, torch.device("cpu"))


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
    for batch in own.batches(2, own.order(seed=4, epoch=2)):
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
