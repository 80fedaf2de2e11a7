"""Cases that are patches round points: where they lie on the pictures of their image."""

from itertools import permutations, product

import numpy as np
import pytest

from designer.data.patches import frame_of, marked_slices, patch_box, point_mark, slice_of
from designer.evaluation.case_pictures import _patch_of
from runtime.data.catalogue import Sample
from runtime.data.points.patches import cut
from runtime.data.taken import Point
from runtime.data.turning import before_turn, turned_pixels


def sample(at, size, image, **more):
    return Sample(path="a", frame=0, channels=1, size=size, group="a", point=Point(at, image), **more)


@pytest.mark.parametrize("seed", range(20))
def test_that_the_gallery_shows_the_pixels_that_the_network_saw(seed):
    generator = np.random.default_rng(seed)
    image = generator.normal(size=(1, 40, 50)).astype(np.float32)
    at = tuple(float(place) for place in generator.uniform(0, (39, 49)).round(2))
    size = tuple(int(side) for side in generator.integers(1, 30, 2))
    case = sample(at, size, (40, 50))
    assert np.array_equal(_patch_of(image, case), cut(image, case))


def test_that_a_patch_is_framed_in_a_picture_of_any_size():
    case = sample((9.5, 19.5), (8, 4), (40, 40))
    assert patch_box(case, 40, 40).getRect() == (18, 6, 4, 8)
    assert patch_box(case, 80, 20).getRect() == (9, 12, 2, 16)
    assert len(frame_of(patch_box(case, 40, 40), "#fff").lines) == 4


def test_that_a_point_of_a_volume_is_marked_on_the_slices_round_it():
    case = sample((10.0, 5.0, 6.0), (16, 8, 8), (20, 30, 30), label="nodule")
    assert slice_of(case) == 10
    assert list(marked_slices(case)) == [8, 9, 10, 11, 12]
    mark = point_mark(case, case.point)
    assert (mark.label, mark.left, mark.top, mark.right, mark.bottom) == ("nodule", 5.5, 4.5, 7.5, 6.5)
    assert slice_of(sample((5.0, 6.0), (8, 8), (30, 30))) is None


@pytest.mark.parametrize("axes", list(permutations(range(3))))
def test_that_a_place_in_a_turned_volume_is_found_in_its_slices(axes):
    for ways in product((1, -1), repeat=3):
        turn = tuple(zip(axes, ways, strict=True))
        volume = np.zeros((4, 5, 6))
        volume[1, 3, 2] = 1
        turned = turned_pixels(volume, turn)
        at = tuple(float(place) for place in np.argwhere(turned)[0])
        places, _, size = before_turn(at, turned.shape, turned.shape, turn)
        assert (places, size) == ((1, 3, 2), (4, 5, 6))
