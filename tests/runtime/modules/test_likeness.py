"""PSNR and SSIM against plain loops; bicubic interpolation against torch's own."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from runtime.modules.cubic import Cubic, ReduceResolution, resampled
from runtime.modules.likeness import Psnr, Ssim, psnr_of, ssim_of
from runtime.modules.noise import AddNoise


def plain_ssim(one: Tensor, other: Tensor, span: float) -> float:
    """Window after window, as the formula is written; images (rows, columns)."""
    line = [math.exp(-((place - 5) ** 2) / (2 * 1.5**2)) for place in range(11)]
    weights = torch.tensor([[a * b for a in line] for b in line], dtype=torch.float64)
    weights /= weights.sum()
    found = []
    for top in range(one.shape[0] - 10):
        for left in range(one.shape[1] - 10):
            x, y = (image[top : top + 11, left : left + 11].double() for image in (one, other))
            mx, my = (weights * x).sum(), (weights * y).sum()
            vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
            both = (weights * (x - mx) * (y - my)).sum()
            c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
            found.append((2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
    return float(torch.stack(found).mean())


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    """Two images of each of two channels, that are somewhat alike."""
    torch.manual_seed(0)
    smooth = functional.interpolate(torch.rand(2, 2, 4, 5), size=(15, 18), mode="bilinear")
    return smooth + 0.1 * torch.randn_like(smooth), smooth


@pytest.mark.parametrize("span", [0.0, 2.0])
def test_that_ssim_is_the_formula_window_after_window(pair: tuple[Tensor, Tensor], span: float) -> None:
    made, true = pair
    for place, found in enumerate(ssim_of(made, true, span)):
        own = span or float(true[place].max() - true[place].min())
        wanted = [plain_ssim(made[place, channel], true[place, channel], own) for channel in range(2)]
        assert float(found) == pytest.approx(sum(wanted) / 2, abs=1e-9)


def test_that_ssim_takes_signals_and_volumes_and_is_1_of_equal_images() -> None:
    for shape in ((2, 1, 20), (2, 1, 12, 13, 14)):
        image = torch.rand(shape)
        assert ssim_of(image, image).tolist() == pytest.approx([1.0, 1.0])
        assert float(ssim_of(image, 1 - image)[0]) < 0


def test_that_psnr_is_the_logarithm_of_the_squared_error(pair: tuple[Tensor, Tensor]) -> None:
    made, true = pair
    wanted = [10 * math.log10(4 / float((one - two).square().mean())) for one, two in zip(made, true, strict=True)]
    assert psnr_of(made, true, 2.0).tolist() == pytest.approx(wanted, abs=1e-5)
    assert psnr_of(true, true).tolist() == pytest.approx([100.0, 100.0])


def test_that_flat_images_have_no_range_of_their_own_and_are_left_out(pair: tuple[Tensor, Tensor]) -> None:
    made, true = pair
    flat = torch.cat([true, torch.ones_like(true[:1])])
    more = torch.cat([made, made[:1]])
    for metric, of in ((Psnr(), psnr_of), (Ssim(), ssim_of)):
        metric.update(more, flat)
        assert metric.compute() == pytest.approx(float(of(made, true).mean()))
        metric.reset()
        assert math.isnan(metric.compute())


@pytest.mark.parametrize("size", [(7, 9), (32, 26), (16, 13), (5, 4)])
def test_that_bicubic_is_that_of_torch(size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, 16, 13)
    wanted = functional.interpolate(image, size=size, mode="bicubic", antialias=True)
    torch.testing.assert_close(resampled(image, size), wanted, atol=1e-5, rtol=0)


def test_that_a_reduced_image_is_enlarged_again_to_its_size() -> None:
    for shape in ((1, 1, 12), (1, 2, 12, 8), (1, 1, 4, 12, 8)):
        image = torch.rand(shape)
        small = ReduceResolution(2)(image)
        assert small.shape[2:] == tuple(side // 2 for side in shape[2:])
        assert Cubic(factors=(2,) * (len(shape) - 2))(small).shape == image.shape
        assert Cubic(size=shape[2:])(small).shape == image.shape


def test_that_noise_has_the_spread_that_was_asked_for() -> None:
    torch.manual_seed(0)
    for module in (AddNoise("gaussian", 0.3), AddNoise("gaussian", 0.3).eval()):
        noise = module(torch.full((1, 1, 200, 200), 5.0)) - 5
        assert float(noise.std()) == pytest.approx(0.3, rel=0.02)
        assert abs(float(noise.mean())) < 0.01


def test_that_rician_noise_in_air_has_the_mean_of_a_rayleigh_distribution() -> None:
    torch.manual_seed(0)
    magnitude = AddNoise("rician", 0.3)(torch.zeros(1, 1, 200, 200))
    assert float(magnitude.min()) >= 0
    assert float(magnitude.mean()) == pytest.approx(0.3 * math.sqrt(math.pi / 2), rel=0.02)
