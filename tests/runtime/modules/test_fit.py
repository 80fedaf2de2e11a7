"""Fit: one geometry for the cache, for training and for the exported file."""

import onnxruntime
import pytest
import torch
from torch.nn import functional

from runtime.modules.fit import Fit
from runtime.modules.moves import Moves

RULES = ("stretch", "pad", "crop")
SIZES = [(32, 48), (200, 77), (100, 77), (64, 200), (1, 1)]


@pytest.mark.parametrize("size", SIZES)
def test_that_stretch_is_the_antialiased_linear_resize_of_torch(size):
    image = torch.rand(2, 3, 100, 77)
    expected = functional.interpolate(image, size, mode="bilinear", antialias=True)
    torch.testing.assert_close(Fit(size)(image), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", SIZES)
def test_that_a_stretched_mask_takes_the_nearest_pixel(size):
    mask = torch.randint(0, 5, (2, 100, 77))
    expected = functional.interpolate(mask[:, None].float(), size, mode="nearest-exact")[:, 0].long()
    assert torch.equal(Fit(size).mask(mask), expected)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("size", [(9,), (6, 11), (4, 6, 5)])
def test_that_an_image_of_the_right_size_comes_through_unchanged_in_one_two_and_three_axes(rule, size):
    image = torch.randn(2, 2, *size) * 1000
    mask = torch.randint(0, 3, (2, *size))
    assert torch.equal(Fit(size, rule)(image), image)
    assert torch.equal(Fit(size, rule).mask(mask), mask)


def test_that_pad_shows_all_of_a_wide_image_with_background_above_and_below():
    image = torch.full((1, 1, 20, 40), 7.0)
    fitted = Fit((40, 40), "pad", background=-1000.0)(image)[0, 0]
    assert torch.all(fitted[:10] == -1000)
    assert torch.all(fitted[30:] == -1000)
    torch.testing.assert_close(fitted[10:30], torch.full((20, 40), 7.0), atol=1e-3, rtol=0)


def test_that_crop_keeps_the_middle_of_a_wide_image_and_its_proportions():
    image = torch.arange(40.0).expand(1, 1, 20, 40)
    fitted = Fit((20, 20), "crop")(image)
    assert torch.equal(fitted[0, 0, 0], torch.arange(10.0, 30.0))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("came", [(50, 60), (30, 90), (21, 16), (12, 30, 20)])
def test_that_a_mask_stays_on_the_image_it_was_drawn_on(rule, came):
    mask = torch.zeros(1, *came, dtype=torch.int64)
    mask[(0, *(slice(n // 4, n // 4 + n // 2) for n in came))] = 1
    size = (40, 32) if len(came) == 2 else (16, 20, 24)
    image, masks = Fit(size, rule).together(mask[:, None].float(), {"source": mask})
    # Where the soft image is surely inside or outside, the mask says the same.
    assert torch.all(masks["source"][image[:, 0] > 0.75] == 1)
    assert torch.all(masks["source"][image[:, 0] < 0.25] == 0)
    assert masks["source"].dtype == torch.int64


def test_that_fit_keeps_full_precision_under_autocast():
    image = torch.randn(1, 1, 60, 50) * 3000
    with torch.autocast("cpu", dtype=torch.bfloat16):
        fitted = Fit((32, 32))(image)
    assert fitted.dtype == torch.float32
    assert torch.equal(fitted, Fit((32, 32))(image))


def test_that_an_image_with_another_number_of_axes_is_refused_in_words():
    with pytest.raises(ValueError, match="3 axes came; 2 fit"):
        Fit((8, 8))(torch.zeros(1, 1, 4, 4, 4))


def test_that_fit_is_a_module_that_moves_masks():
    assert isinstance(Fit((8, 8)), Moves)


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES)
def test_that_the_exported_fit_takes_every_size_and_batch(rule, tmp_path):
    fit = Fit((32, 48), rule, background=5.0).eval()
    free = torch.export.Dim
    shapes = ({0: free("batch"), 2: free("rows"), 3: free("columns")},)
    program = torch.onnx.export(fit, (torch.zeros(2, 1, 50, 60),), dynamo=True, dynamic_shapes=shapes, verbose=False)
    program.save(tmp_path / "fit.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "fit.onnx")
    name = session.get_inputs()[0].name
    for shape in [(1, 1, 50, 60), (2, 1, 20, 90), (3, 1, 128, 33), (1, 1, 512, 512)]:
        image = torch.randn(shape) * 1000
        (found,) = session.run(None, {name: image.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), fit(image), atol=2e-3, rtol=1e-5)


@pytest.mark.parametrize("rule", ["stretch", "pad", "crop"])
def test_that_boxes_are_fitted_as_the_images_they_lie_on(rule: str) -> None:
    """The box of what is bright in the fitted image is the fitted box, give or take the pixels that are half bright."""
    image = torch.zeros(1, 1, 60, 80)
    image[:, :, 20:40, 30:60] = 1
    box = torch.tensor([[[2.0, 30, 20, 60, 40], [1.0, 0, 0, 0.5, 60], [-1.0, 0, 0, 0, 0]]])
    fitted, _, boxes = Fit((90, 60), rule).along(image, {}, {"source": box})
    rows, columns = (fitted[0, 0] > 0.5).nonzero().T
    bright = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    assert boxes["source"][0, 0].tolist() == pytest.approx([2, *bright], abs=1.01)
    gone = rule == "crop"  # a narrow box at the left edge is cut away there
    assert boxes["source"][0, 1:, 0].tolist() == [-1 if gone else 1, -1]
