"""Pieces of images: cut with their masks at random, or as a grid that is put together to the same image."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.modules.moves import Moves
from runtime.modules.patches import Patches, Stitch, starts


@st.composite
def sizes(draw):
    whole = draw(st.lists(st.integers(1, 17), min_size=1, max_size=3))
    return whole, [draw(st.integers(1, side)) for side in whole]


@given(sizes())
@settings(max_examples=60, deadline=None)
def test_that_what_is_cut_into_windows_is_put_together_to_itself(case):
    whole, size = case
    image = torch.randn(2, 3, *whole)
    pieces = Patches(whole, size, 0.5).eval()(image)
    assert pieces.shape[1:] == (3, *size)
    torch.testing.assert_close(Stitch(whole, size).eval()(pieces, image), image, rtol=1e-4, atol=1e-5)


@given(st.integers(1, 300), st.integers(1, 300))
def test_that_windows_cover_an_axis_and_overlap_by_half(whole, side):
    if side > whole:
        return
    begins = starts(whole, side)
    assert begins[0] == 0
    assert begins[-1] == whole - side
    assert all(after - before <= max(1, side // 2) for before, after in pairwise(begins))
    assert len(set(begins)) == len(begins)


def test_that_where_windows_differ_the_nearer_one_counts_more():
    pieces = torch.stack([torch.full((1, 8), 1.0), torch.full((1, 8), 2.0)])
    joined = Stitch((12,), (8,)).eval()(pieces, None)[0, 0].tolist()
    assert joined == sorted(joined)
    assert joined[0] == 1.0
    assert joined[-1] == 2.0
    assert joined[5] == pytest.approx(3.0 - joined[6], abs=1e-5)


def test_that_a_mask_is_cut_with_its_image_and_half_of_the_pieces_lie_on_the_foreground():
    torch.manual_seed(0)
    mask = torch.zeros(400, 40, 40, dtype=torch.int64)
    mask[:, 3:5, 30:32] = 1
    cut, cut_masks = Patches((40, 40), (8, 8), 0.5).train().together(mask[:, None].float(), {"images": mask})
    torch.testing.assert_close(cut[:, 0], cut_masks["images"].float())
    there = cut_masks["images"].flatten(1).any(1).float().mean().item()
    assert 0.5 < there < 0.65


def test_that_pieces_lie_anywhere_where_no_mask_shows_anything():
    torch.manual_seed(0)
    image = torch.arange(100.0).view(1, 1, 10, 10).repeat(2000, 1, 1, 1)
    empty = torch.zeros(2000, 10, 10, dtype=torch.int64)
    cut, _ = Patches((10, 10), (4, 4), 1.0).train().together(image, {"images": empty})
    assert len(cut[:, 0, 0, 0].unique()) == 49


def test_that_outside_training_masks_stay_whole_and_in_training_nothing_is_put_together():
    patches, mask = Patches((10, 10), (4, 4), 1.0).eval(), torch.zeros(2, 10, 10, dtype=torch.int64)
    pieces, masks = patches.together(torch.rand(2, 1, 10, 10), {"images": mask})
    assert len(pieces) == 2 * 16
    assert masks["images"] is mask
    part = torch.rand(2, 3, 4, 4)
    assert Stitch((10, 10), (4, 4)).train()(part, None) is part


def test_that_boxes_are_refused_in_words():
    boxes = {"images": torch.zeros(1, 1, 5)}
    for module, image in (
        (Patches((8, 8), (4, 4), 0.5), torch.rand(1, 1, 8, 8)),
        (Stitch((8, 8), (4, 4)), torch.rand(9, 1, 4, 4)),
    ):
        assert isinstance(module, Moves)
        with pytest.raises(TypeError, match="boxes cannot be cut into pieces"):
            module.eval().along(image, {}, boxes)
