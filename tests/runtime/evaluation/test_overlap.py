"""How masks agree is what MONAI says of them, and volumes are in millilitres."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.evaluation.overlap import hausdorff, overlaps, volume_unit


def blobs(seed, size):
    generator = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"))
    masks = np.zeros((2, *size), int)
    for mask in masks:
        for label in (1, 2):
            centre = generator.uniform(1, np.array(size) - 1).reshape(-1, *[1] * len(size))
            mask[((grid - centre) ** 2).sum(axis=0) < generator.uniform(0.5, 5) ** 2] = label
    return masks


@pytest.mark.long
# MONAI calls itself with an argument that it has deprecated.
@pytest.mark.filterwarnings("ignore:monai.metrics.utils get_mask_edges:FutureWarning")
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from([(14, 17), (9, 12, 11)]),
    spaced=st.booleans(),
)
def test_that_dice_and_the_hausdorff_distance_are_those_of_monai(seed, size, spaced):
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance

    true, found = blobs(seed, size)
    spacing = (2.5, 0.7, 0.9)[: len(size)] if spaced else None
    mine = overlaps(true, found, 3, spacing)
    hot = [torch.nn.functional.one_hot(torch.from_numpy(one), 3).movedim(-1, 0)[None] for one in (found, true)]
    dice = compute_dice(*hot, ignore_empty=True)[0].numpy()
    both = np.array([(true == place).any() and (found == place).any() for place in range(3)])
    assert mine["dice"][both] == pytest.approx(dice[both], abs=1e-6)
    own = [one[:, both] for one in hot]
    far = compute_hausdorff_distance(*own, include_background=True, percentile=95, spacing=spacing)[0].numpy()
    assert mine["hausdorff"][both] == pytest.approx(far, abs=1e-4)
    assert np.isnan(mine["hausdorff"][~both]).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), spacing=st.sampled_from([None, (0.4, 1.5)]))
def test_that_the_hausdorff_distance_is_that_of_all_pairs_of_surface_pixels(seed, spacing):
    masks = [mask == 1 for mask in blobs(seed, (13, 15))]
    if not all(mask.any() for mask in masks):
        assert math.isnan(hausdorff(*masks, spacing))
        return
    first, second = (np.argwhere(surface(mask)) * (spacing or (1, 1)) for mask in masks)
    far = np.linalg.norm(first[:, None] - second[None], axis=2)
    expected = max(np.quantile(far.min(axis=1), 0.95), np.quantile(far.min(axis=0), 0.95))
    assert hausdorff(*masks, spacing) == pytest.approx(expected)


def surface(mask):
    """The pixels of a mask with a neighbour outside."""
    around = np.pad(mask, 1)
    inside = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    return mask & ~inside


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_that_iou_follows_from_dice_and_both_are_nan_where_a_class_is_in_neither_mask(seed):
    true, found = blobs(seed, (12, 12))
    mine = overlaps(true, found, 4)
    known = np.isfinite(mine["dice"])
    assert list(known) == [bool((true == place).any() or (found == place).any()) for place in range(4)]
    assert mine["iou"][known] == pytest.approx(mine["dice"][known] / (2 - mine["dice"][known]))


def test_that_volumes_are_in_millilitres_and_areas_in_square_millimetres():
    mask = np.zeros((10, 10, 10), int)
    mask[:5, :4, :10] = 1
    found = overlaps(mask, 0 * mask, 2, (2.0, 0.5, 0.5))
    assert found["true_volume"][1] == pytest.approx(200 * 0.5 / 1000)
    assert found["found_volume"][1] == 0
    assert math.isnan(found["hausdorff"][1])
    assert overlaps(mask[0], mask[0], 2, (0.5, 0.5))["true_volume"][1] == pytest.approx(10)
    assert overlaps(mask, mask, 2)["true_volume"][1] == 200
    assert [volume_unit(axes, known) for axes, known in ((3, True), (2, True), (3, False))] == ["ml", "mm²", "pixels"]


def test_that_the_distance_of_two_single_pixels_is_measured_in_the_unit_of_the_spacing():
    first, second = np.zeros((5, 5), bool), np.zeros((5, 5), bool)
    first[0, 0], second[3, 4] = True, True
    assert hausdorff(first, second) == pytest.approx(5)
    assert hausdorff(first, second, (2.0, 3.0)) == pytest.approx(math.hypot(6, 12))
