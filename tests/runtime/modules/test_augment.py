"""Augment: every sample changed in its own way, image and mask alike."""

import pytest
import torch

from runtime.modules.augment import Augment, compose
from runtime.modules.moves import Moves

ALL = {"flip_horizontal": True, "flip_vertical": True, "rotate": 30.0, "shift": 10.0, "zoom": 20.0, "probability": 1.0}
SHAPES = [(24, 40), (10, 24, 32)]


@pytest.fixture(autouse=True)
def same_numbers_every_time():
    torch.manual_seed(7)


def drawn(*shape):
    """A batch of masks with one box each, off the middle so that every flip shows."""
    mask = torch.zeros(6, *shape, dtype=torch.int64)
    mask[(slice(None), *(slice(n // 4, n // 4 + n // 3) for n in shape))] = 1
    return mask


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("edges", ["fill", "repeat", "mirror"])
def test_that_a_mask_stays_on_the_image_it_was_drawn_on(shape, edges):
    mask = drawn(*shape)
    image, masks = Augment(**ALL, edges=edges).together(mask[:, None].float(), {"source": mask})
    moved = masks["source"]
    assert moved.dtype == torch.int64
    assert moved.shape == mask.shape
    assert image.shape == (6, 1, *shape)
    assert not torch.equal(moved, mask)
    assert torch.all(moved[image[:, 0] > 0.9] == 1)
    assert torch.all(moved[image[:, 0] < 0.1] == 0)


def test_that_nothing_changes_when_it_is_not_training():
    augment = Augment(**ALL).eval()
    mask = drawn(16, 16)
    image, masks = augment.together(mask[:, None].float(), {"source": mask})
    assert torch.equal(image[:, 0], mask.float())
    assert torch.equal(masks["source"], mask)
    assert torch.equal(augment(image), image)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_with_no_chance_of_change_the_image_stays(shape):
    image = torch.rand(4, 2, *shape)
    torch.testing.assert_close(Augment(**{**ALL, "probability": 0.0})(image), image, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("setting", "axis"), [("flip_horizontal", -1), ("flip_vertical", -2)])
@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_sure_flip_mirrors_the_axis_it_names(setting, axis, shape):
    image = torch.rand(3, 1, *shape)
    torch.testing.assert_close(Augment(**{setting: True}, probability=1.0)(image), image.flip(axis), atol=1e-4, rtol=0)


def test_that_a_rotation_keeps_proportions_where_the_sides_differ():
    augment = Augment(rotate=90.0, probability=1.0)
    augment._between = lambda images, count=1: torch.ones(len(images), count)
    image = torch.zeros(1, 1, 20, 60)
    image[0, 0, 10, 25:35] = 1  # a bar of 10 columns in the middle
    turned = augment(image)[0, 0]
    assert turned.sum() == pytest.approx(10, abs=0.1)
    rows, columns = torch.nonzero(turned > 0.4, as_tuple=True)
    assert len(rows.unique()) >= 10
    assert len(columns.unique()) <= 2


def test_that_a_shift_is_a_share_of_the_size():
    augment = Augment(shift=25.0, probability=1.0)
    augment._between = lambda images, count=1: torch.ones(len(images), count)
    image = torch.rand(1, 1, 8, 16)
    torch.testing.assert_close(augment(image)[..., :6, :12], image[..., 2:, 4:], atol=1e-5, rtol=0)


def test_that_a_zoom_enlarges_by_its_share():
    augment = Augment(zoom=50.0, probability=1.0)
    augment._between = lambda images, count=1: torch.ones(len(images), count)
    image = torch.zeros(1, 1, 60, 60)
    image[..., 20:40, 20:40] = 1
    assert augment(image).sum() == pytest.approx(30 * 30, rel=0.02)


def test_that_each_sample_is_changed_in_its_own_way_and_the_seed_repeats_it():
    image = torch.rand(1, 1, 16, 16).expand(4, 1, 16, 16)
    torch.manual_seed(3)
    first = Augment(**ALL)(image)
    torch.manual_seed(3)
    assert torch.equal(first, Augment(**ALL)(image))
    assert len({tuple(sample.flatten().tolist()) for sample in first}) == 4


def test_that_what_comes_in_from_beyond_the_edge_is_the_fill_value_and_0_in_masks():
    augment = Augment(zoom=90.0, probability=1.0, fill=-1000.0)
    augment._between = lambda images, count=1: -torch.ones(len(images), count)
    image, masks = augment.together(
        torch.full((1, 1, 20, 20), 5.0), {"source": torch.ones(1, 20, 20, dtype=torch.int64)}
    )
    assert image[0, 0, 0, 0] == -1000
    assert masks["source"][0, 0, 0] == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_that_two_augmentations_composed_equal_one_after_the_other(shape):
    axes = torch.linspace(-1, 1, shape[-1]).expand(2, 1, *shape)
    smooth = torch.cos(2 * axes) + torch.linspace(0, 1, shape[-2]).unsqueeze(-1)
    augment = Augment(rotate=20.0, shift=5.0, zoom=10.0, probability=1.0)
    first, second = augment.draw(smooth), augment.draw(smooth)
    twice = augment.warp(augment.warp(smooth, first), second)
    once = augment.warp(smooth, compose(first, second))
    middle = tuple(slice(n // 3, n - n // 3) for n in shape)
    torch.testing.assert_close(once[(..., *middle)], twice[(..., *middle)], atol=0.02, rtol=0)


def test_that_places_are_not_rounded_under_autocast():
    image = torch.rand(2, 1, 64, 64)
    torch.manual_seed(1)
    plain = Augment(**ALL)(image)
    torch.manual_seed(1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(Augment(**ALL)(image), plain)


def test_that_augment_is_a_module_that_moves_masks():
    assert isinstance(Augment(), Moves)


def test_that_a_signal_is_refused_in_words():
    with pytest.raises(ValueError, match="takes 2 or 3"):
        Augment(**ALL)(torch.zeros(1, 1, 8))
