"""Packed rows give back every bit; memory of batches is used again only when nobody holds it."""

import gc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from runtime.data.batch_memory import Buffers
from runtime.data.batches import Labels, Part
from runtime.data.cache import CachedImages
from runtime.data.cache_images import Images, packed
from runtime.data.cache_write import PackedRows

SHAPE = (1, 3, 5)
VALUES = st.one_of(
    st.integers(0, 255), st.integers(-(2**15), 2**15 - 1), st.integers(0, 2**16 - 1), st.integers(-(2**24), 2**24),
    st.floats(width=32), st.just(-0.0), st.floats(-300, 300, width=16),
)  # fmt: skip


def rows_of(elements):
    return arrays.arrays(np.float32, SHAPE, elements=elements)


ROWS = st.lists(
    st.one_of(
        rows_of(st.integers(0, 255)), rows_of(st.integers(-1024, 3071)), rows_of(st.integers(0, 65535)), rows_of(VALUES)
    ),
    min_size=1,
    max_size=6,
)


def bits(array):
    return np.ascontiguousarray(array, np.float32).view(np.uint32)


def written(folder, rows, shape=SHAPE, left_out=()):
    """Rows written in reverse, and mapped."""
    path = folder / "rows"
    file = PackedRows(path, (len(rows), *shape))
    for index in reversed(range(len(rows))):
        if index not in left_out:
            file.put(index, rows[index])
    file.close()
    return Images(np.memmap(path, np.uint8, "r"), (len(rows), *shape), file.starts, file.letters)


@given(ROWS)
def test_that_every_bit_of_a_row_comes_back(tmp_path_factory, rows):
    images = written(tmp_path_factory.mktemp("rows"), rows)
    for index, row in enumerate(rows):
        assert np.array_equal(bits(images[index]), bits(row))
    assert np.array_equal(bits(images[:]), bits(np.stack(rows)))


@given(ROWS, st.randoms())
def test_that_rows_are_gathered_as_from_an_array(tmp_path_factory, rows, chance):
    images, plain = written(tmp_path_factory.mktemp("rows"), rows), np.stack(rows)
    order = [chance.randrange(len(rows)) for _ in range(7)]
    out = np.full((7, *SHAPE), 9, np.float32)
    images.fill(out, order)
    assert np.array_equal(bits(out), bits(plain[order]))
    for key in (0, -1, slice(1, None), (slice(None), 0, 1), (0, 0, 1, 2), order, (order, 0)):
        assert np.array_equal(bits(images[key]), bits(plain[key]))
    assert np.array_equal(bits(np.asarray(images)), bits(plain))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 255], np.uint8), ([-1, 255], np.int16), ([-1024, 3071], np.int16), ([0, 40000], np.uint16),
        ([-1, 40000], np.float32), ([0, 0.5], np.float32), ([0, -0.0], np.float32), ([0, np.nan], np.float32),
        ([0, 65536], np.float32),
    ],
)  # fmt: skip
def test_that_a_row_takes_the_smallest_type_that_holds_it(values, kind):
    assert packed(np.array(values, np.float32)).dtype == kind


@pytest.mark.parametrize("side", [4, 200])
def test_that_rows_that_were_never_put_are_zero_and_take_no_room(tmp_path, side):
    rows = [np.full((1, side, side), number, np.float32) for number in (7, 8, 9)]
    images = written(tmp_path, rows, (1, side, side), left_out=(1,))
    assert images[:, 0, 0, 0].tolist() == [7, 0, 9]
    assert images.stored.nbytes <= 2 * (side * side + 63)


def test_that_a_file_without_any_row_can_be_mapped(tmp_path):
    assert not written(tmp_path, [np.ones(SHAPE, np.float32)], left_out=(0,))[:].any()


@pytest.mark.parametrize("side", [4, 200])
def test_that_batches_hold_the_rows_asked_for_and_stay_as_they_are(tmp_path, side):
    rows = [np.full((1, side, side), number, np.float32) for number in range(40)]
    cached = CachedImages(written(tmp_path, rows, (1, side, side)), None, tuple(range(40)), ())
    part = Part(cached, Labels(), tuple(range(40)), torch.device("cpu"))
    kept = []
    for epoch in range(3):
        for batch in part.batches(3, part.walk(0, epoch)):
            assert batch.images[:, 0, -1, -1].tolist() == list(batch.cases)
            kept.append((batch.images[1, 0], batch.cases[1]))  # a view keeps the memory of its batch
    assert all(bool((image == case).all()) for image, case in kept)


def test_that_memory_is_used_again_only_when_nobody_holds_it():
    buffers = Buffers(2)
    first = torch.from_numpy(buffers.take((4, 100)))
    place, view = first.data_ptr(), first[2].view(10, 10)
    del first
    gc.collect()
    second = buffers.take((4, 100))
    assert second.ctypes.data != place
    del view
    gc.collect()
    assert buffers.take((3, 100)).ctypes.data == place
