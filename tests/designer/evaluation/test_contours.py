"""Where the masks of a network lie in the picture of a case, and which of them are drawn."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from designer.evaluation.contours import FOUND_COLOUR, TRUE_COLOUR, Contours
from designer.evaluation.grids import grid_box, slice_at
from designer.evaluation.measured import Measured
from runtime.evaluation.folds import POOLED
from runtime.plan import FittedSize
from tests.builders.evaluations import masks, two_classes


@pytest.mark.parametrize(("fit", "box"), [
    ("stretch", QRectF(0, 0, 200, 100)),
    ("pad", QRectF(0, -50, 200, 200)),
    ("crop", QRectF(50, 0, 100, 100)),
])  # fmt: skip
def test_that_the_grid_lies_where_the_fit_of_the_source_put_it(fit, box):
    assert grid_box([FittedSize((32, 32), fit)], (100, 200)) == box


def test_that_the_grid_lies_where_several_fits_after_each_other_put_it():
    """Stretched to a square first, padding changes nothing; padded to 2:1 first, a crop takes the middle square."""
    square, wide = FittedSize((50, 50), "stretch"), FittedSize((50, 100), "pad")
    assert grid_box([square, FittedSize((32, 32), "pad")], (100, 200)) == QRectF(0, 0, 200, 100)
    assert grid_box([wide, FittedSize((32, 32), "crop")], (100, 100)) == QRectF(0, 0, 100, 100)
    assert grid_box([wide, FittedSize((32, 32), "stretch")], (100, 100)) == QRectF(-50, 0, 200, 100)


def test_that_an_image_that_was_resampled_first_is_fitted_with_the_sides_it_then_had(contours, qtbot):
    """100×200 pixels of 2×1 mm are a square of 1 mm pixels, which padding to a square leaves whole."""
    resampled, padded = FittedSize((200, 200), "stretch"), FittedSize((32, 32), "pad")
    assert grid_box([padded], (100, 200)) == QRectF(0, -50, 200, 200)
    assert grid_box([resampled, padded], (100, 200)) == QRectF(0, 0, 200, 100)
    contours.fits = (padded,)
    with qtbot.waitSignal(contours.came):
        contours.want([0])
    tall, whole = ({line.y1() for line in contours.of(0, (8, 16), before=before)[0].lines}
                   for before in ((), (FittedSize((16, 16), "stretch"),)))  # fmt: skip
    assert {(y - 4) / 2 + 4 for y in tall} == whole


def test_that_a_slice_of_a_picture_meets_the_slice_of_the_mask_at_the_same_depth():
    mask = np.arange(8)[:, None, None] * np.ones((1, 4, 4), int)
    stretched, padded = (FittedSize((8, 4, 4), rule) for rule in ("stretch", "pad"))
    found = [slice_at([stretched], (4, 4), mask, at, 4) for at in range(4)]
    assert [int(one[0, 0]) for one in found] == [1, 3, 5, 7]
    assert [int(slice_at([padded], (4, 4), mask, at, 2)[0, 0]) for at in range(2)] == [3, 4]
    assert slice_at([FittedSize((2, 4, 4), "crop")], (4, 4), mask[:2], 0, 8) is None


def test_that_the_case_of_a_volume_has_the_outlines_of_the_slice_that_is_shown(qtbot, tmp_path):
    measured = masks(tmp_path)
    deep = np.zeros((6, 4, 4), np.uint8)
    deep[4:, 1:3, 1:3] = 1
    code = str(measured.cases.case[0])
    np.savez(tmp_path / "evaluation-validation-masks.npz", **{f"{code}-true": deep, f"{code}-found": deep * 0})
    made = Contours()
    made.show(measured, (FittedSize((6, 4, 4), "stretch"),))
    with qtbot.waitSignal(made.came):
        made.want([0])
    assert [bool(made.of(0, (4, 4), at, 3)) for at in range(3)] == [False, False, True]
    made.close_down()


@pytest.fixture
def contours(qtbot, tmp_path):
    made = Contours()
    made.show(masks(tmp_path), ())
    yield made
    made.close_down()


def test_that_true_and_found_masks_are_outlined_in_pixels_of_the_picture(qtbot, contours):
    assert contours.of(0, (8, 8)) == []
    with qtbot.waitSignal(contours.came):
        contours.want([0])
    true, found = contours.of(0, (8, 8))
    assert (true.colour, true.dotted) == (TRUE_COLOUR, False)
    assert (found.colour, found.dotted) == (FOUND_COLOUR, True)
    assert {line.x1() for line in true.lines} | {line.x2() for line in true.lines} == {2.0, 4.0, 6.0}
    contours.truth_shown = False
    (only,) = contours.of(0, (8, 8))
    assert only.dotted


def test_that_a_case_whose_masks_are_gone_has_no_outlines(qtbot, contours, tmp_path):
    (tmp_path / "evaluation-validation-masks.npz").unlink()
    with qtbot.waitSignal(contours.came):
        contours.want([1])
    assert contours.of(1, (8, 8)) == []


def test_that_the_masks_of_pooled_cases_are_those_of_the_fold_that_answered_them(qtbot, tmp_path):
    fold = tmp_path / "fold-1"
    fold.mkdir()
    own = masks(fold)
    (fold / "evaluation-validation-masks.npz").rename(fold / "evaluation-test-masks.npz")
    pooled = Measured(tmp_path, POOLED, own.record, own.cases, {str(case): fold for case in own.cases.case})
    assert pooled.home_of(1) == fold
    made = Contours()
    made.show(pooled, ())
    with qtbot.waitSignal(made.came):
        made.want([1])
    assert len(made.of(1, (8, 8))) == 2
    made.close_down()


def test_that_classes_have_no_outlines(contours):
    contours.show(two_classes(), ())
    contours.want([0])
    assert contours.of(0, (8, 8)) == []
