"""Boxes go where the images go."""

import pytest
import torch

from runtime.augmenting import joined
from runtime.modules.augment import Augment
from runtime.modules.augment_boxes import moved_boxes

BOX = torch.tensor([[1.0, 20.0, 12.0, 36.0, 24.0], [-1.0, 0.0, 0.0, 0.0, 0.0]]).expand(6, 2, 5)
CHANGES = {"rotate": 60.0, "zoom": 20.0, "shift": 8.0, "shear": 10.0, "elastic": 4.0}


@pytest.fixture(autouse=True)
def same_numbers_every_time():
    torch.manual_seed(7)


def picture(boxes, rows=48, columns=64):
    image = torch.zeros(len(boxes), 1, rows, columns)
    for sample, (box, _) in zip(image, boxes, strict=True):
        _, left, top, right, bottom = box.int().tolist()
        sample[:, top:bottom, left:right] = 1
    return image


def test_that_a_flip_mirrors_the_box():
    flip = Augment(flip_horizontal=True, probability=1.0)
    _, _, moved = flip.along(picture(BOX), {}, {"source": BOX})
    expected = torch.tensor([1.0, 64 - 36, 12.0, 64 - 20, 24.0]).expand(6, 5)
    torch.testing.assert_close(moved["source"][:, 0], expected, atol=1e-3, rtol=0)
    assert torch.equal(moved["source"][:, 1], BOX[:, 1])


@pytest.mark.parametrize("many", [False, True])
def test_that_what_is_seen_of_the_object_lies_in_its_moved_box(many):
    augment = Augment(**CHANGES, probability=1.0)
    both = joined(augment, augment) if many else augment
    image, _, moved = both.along(picture(BOX), {}, {"source": BOX})
    for sample, (box, _) in zip(image, moved["source"], strict=True):
        rows, columns = torch.nonzero(sample[0] > 0.5, as_tuple=True)
        assert box[0] == 1
        assert columns.min() >= box[1] - 1.5
        assert rows.min() >= box[2] - 1.5
        assert columns.max() + 1 <= box[3] + 1.5
        assert rows.max() + 1 <= box[4] + 1.5


def test_that_a_box_that_left_the_image_is_none():
    away = Augment(shift=60.0, probability=1.0)
    away._between = lambda images, count=1: torch.ones(len(images), count)
    corner = torch.tensor([2.0, 0.0, 0.0, 6.0, 6.0]).expand(1, 1, 5)
    _, _, moved = away.along(torch.zeros(1, 1, 48, 64), {}, {"source": corner})
    assert moved["source"][0, 0].tolist() == [-1, 0, 0, 0, 0]


def test_that_boxes_stay_when_it_is_not_training():
    _, _, moved = Augment(**CHANGES).eval().along(picture(BOX), {}, {"source": BOX})
    assert torch.equal(moved["source"], BOX)


def test_that_volumes_with_boxes_are_refused_in_words():
    motion = Augment().draw(torch.zeros(6, 1, 4, 8, 8))
    with pytest.raises(ValueError, match="rows and columns"):
        moved_boxes(BOX, motion, (4, 8, 8))
