"""Intensity augmentation: values change, places do not."""

import pytest
import torch

from runtime.modules.intensity import AugmentIntensity, RandomErasing, blurred

ALL = {"brightness": 20.0, "contrast": 20.0, "gamma": 50.0, "field": 30.0, "blur": 1.5, "noise": 10.0}
SHAPES = [(64,), (24, 40), (6, 12, 16)]


@pytest.fixture(autouse=True)
def same_numbers_every_time():
    torch.manual_seed(7)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("make", [lambda **more: AugmentIntensity(**ALL, **more), RandomErasing])
def test_that_samples_change_each_in_its_own_way_repeated_by_the_seed_and_not_at_all_in_use(make, shape):
    image = torch.rand(1, 2, *shape).expand(4, 2, *shape)
    changing = make(probability=1.0)
    torch.manual_seed(3)
    first = changing(image)
    torch.manual_seed(3)
    assert torch.equal(first, changing(image))
    assert first.shape == image.shape
    assert torch.isfinite(first).all()
    assert len({tuple(sample.flatten().tolist()) for sample in first}) == 4
    assert torch.equal(make(probability=0.0)(image), image)
    assert torch.equal(changing.eval()(image), image)


@pytest.mark.parametrize("amount", ALL)
def test_that_each_amount_of_zero_changes_nothing_and_is_the_only_one_that_acts(amount):
    image = torch.rand(3, 1, 16, 16)
    assert torch.equal(AugmentIntensity(probability=1.0)(image), image)
    assert not torch.allclose(AugmentIntensity(**{amount: ALL[amount]}, probability=1.0)(image), image, atol=1e-3)


@pytest.mark.parametrize("amount", ALL)
def test_that_amounts_mean_the_same_in_any_unit(amount):
    image = torch.rand(3, 1, 16, 16)
    augment = AugmentIntensity(**{amount: ALL[amount]}, probability=1.0)
    torch.manual_seed(1)
    plain = augment(image)
    torch.manual_seed(1)
    torch.testing.assert_close((augment(image * 2000 - 1000) + 1000) / 2000, plain, atol=1e-4, rtol=0)


@pytest.mark.parametrize("amount", ALL)
def test_that_a_flat_image_stays_finite(amount):
    image = torch.full((2, 1, 8, 8), 5.0)
    torch.testing.assert_close(AugmentIntensity(**{amount: ALL[amount]}, probability=1.0)(image), image)


def test_that_gamma_keeps_the_ends_and_the_order_of_values():
    image = torch.linspace(-5, 30, 64).reshape(1, 1, 8, 8)
    bent = AugmentIntensity(gamma=100.0, probability=1.0)(image).flatten()
    assert torch.all(bent.diff() > 0)
    torch.testing.assert_close(bent[[0, -1]], torch.tensor([-5.0, 30.0]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_blur_keeps_the_sum_of_what_lies_inside_and_spreads_it_as_wide_as_it_says(shape):
    image = torch.zeros(2, 1, *shape)
    image[(slice(None), 0, *(n // 2 for n in shape))] = 1
    wide = torch.tensor([0.0, 1.2])
    result = blurred(image, wide)
    assert torch.equal(result[0], image[0])
    if len(shape) == 1:
        at = torch.arange(shape[0]) - shape[0] // 2
        assert (result[1, 0] * at.square()).sum().sqrt() == pytest.approx(1.2, rel=0.01)
    torch.testing.assert_close(blurred(torch.ones(2, 1, *shape), wide), torch.ones(2, 1, *shape))


def test_that_noise_is_no_stronger_than_it_says():
    image = torch.randn(8, 1, 64, 64) * 40
    added = AugmentIntensity(noise=10.0, probability=1.0)(image) - image
    spreads = added.std((1, 2, 3))
    assert spreads.max() <= 4.4
    assert spreads.max() > 1.5


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("paint", ["mean", "value", "noise"])
def test_that_erased_boxes_are_as_large_as_they_say_and_the_rest_stays(shape, paint):
    image = torch.rand(32, 2, *shape) + 5
    result = RandomErasing(count=1, size=50.0, paint=paint, value=-3.0, probability=1.0)(image)
    changed = (result != image).all(1)
    for axis, length in enumerate(shape):
        others = [d + 1 for d in range(len(shape)) if d != axis]
        sides = (changed.any(others[0]) if len(others) == 1 else changed.sum(others) > 0 if others else changed).sum(1)
        assert sides.max() <= length / 2 + 1
        assert sides.min() >= length / 4 - 1
    if paint == "value":
        assert torch.all(result[changed[:, None].expand_as(result)] == -3)
    if paint == "mean":
        assert torch.all(result > 5)


def test_that_erasing_everything_erases_everything():
    assert torch.all(RandomErasing(count=20, size=100.0, paint="value", value=9.0, probability=1.0)(
        torch.rand(2, 1, 12, 12)
    ).mean((2, 3)) > 5)  # fmt: skip
