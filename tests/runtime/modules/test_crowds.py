"""The distance of two crowds of images."""

import math

import pytest
import torch

from runtime.modules.crowds import DetailDistance, ImageDistance


def crowd(seed, count=200, mean=0.0, spread=1.0, shape=(1, 8, 8)):
    return mean + spread * torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


def distance(made, real, sides=(8, 8), batches=1):
    metric = ImageDistance(made.shape[1], sides)
    for one, other in zip(made.chunk(batches), real.chunk(batches), strict=True):
        metric.update(one, other)
    return metric.compute()


def test_that_the_same_images_in_another_order_have_no_distance():
    images = crowd(0)
    assert distance(images, images.flip(0)) == pytest.approx(0, abs=1e-6)


def test_that_it_is_the_frechet_distance_per_value():
    images = crowd(1, shape=(1, 2, 2))
    assert distance(images + 3, images, (2, 2)) == pytest.approx(3, abs=1e-5)
    assert distance(2 * (images - images.mean(0)), images - images.mean(0), (2, 2)) == pytest.approx(
        math.sqrt(images.var(0).mean()), abs=1e-5
    )


def test_that_batches_add_up_and_reset_forgets_them():
    made, real = crowd(2, mean=1.0), crowd(3)
    assert distance(made, real, batches=4) == pytest.approx(distance(made, real))
    metric = ImageDistance(1, (8, 8))
    metric.update(made, real)
    metric.reset()
    assert math.isnan(metric.compute())


@pytest.mark.parametrize("shape", [(2, 64), (3, 16, 12), (1, 8, 8, 8)])
def test_that_images_of_any_dimensions_are_made_small(shape):
    sides = {1: (16,), 2: (4, 4), 3: (2, 2, 2)}[len(shape) - 1]
    near, far = crowd(5, shape=shape), crowd(6, mean=2.0, shape=shape)
    real = crowd(4, shape=shape)
    assert distance(near, real, sides) < distance(far, real, sides)


def of_details(made, real, sides=(7, 7)):
    metric = DetailDistance(made.shape[1], sides)
    metric.update(made, real)
    return metric.compute()


def test_that_details_are_the_same_wherever_they_lie_and_whole_images_are_not():
    stripes = torch.zeros(4, 1, 35, 64)
    stripes[..., ::2] = 1.0
    spots = torch.zeros(4, 1, 64, 64)
    spots[:, :, 8:16, 8:16] = 1.0
    moved = spots.roll((30, 30), (2, 3))
    assert of_details(spots, moved) == pytest.approx(0, abs=1e-6)
    assert distance(spots, moved) > 0.1
    assert of_details(stripes, stripes.mean() * torch.ones_like(stripes)) == pytest.approx(0.5, abs=0.01)
    assert distance(stripes, stripes.mean() * torch.ones_like(stripes)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("shape", "sides"), [((2, 200), (49,)), ((3, 150, 9), (7, 7)), ((1, 8, 4, 8), (4, 4, 4))])
def test_that_pieces_are_those_of_the_images_of_any_dimensions(shape, sides):
    images = crowd(7, count=2, shape=shape)
    pieces = DetailDistance(shape[0], sides).rows(images)
    assert pieces.shape[1] == shape[0] * math.prod(sides)
    first = images[0][(slice(None), *(slice(side) for side in sides))]
    assert torch.equal(pieces[0], first.flatten())
    assert of_details(images, images.flip(0), sides) == pytest.approx(0, abs=1e-6)
