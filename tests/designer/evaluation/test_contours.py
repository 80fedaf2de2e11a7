"""Where the masks of a network lie in the picture of a case, and which of them are drawn."""

import pytest
from PySide6.QtCore import QRectF

from designer.evaluation.contours import FOUND_COLOUR, TRUE_COLOUR, Contours, grid_box
from tests.builders.evaluations import masks, two_classes


@pytest.mark.parametrize(("fit", "box"), [
    ("stretch", QRectF(0, 0, 200, 100)),
    ("pad", QRectF(0, -50, 200, 200)),
    ("crop", QRectF(50, 0, 100, 100)),
])  # fmt: skip
def test_that_the_grid_lies_where_the_fit_of_the_source_put_it(fit, box):
    assert grid_box(fit, (100, 200), (32, 32)) == box


@pytest.fixture
def contours(qtbot, tmp_path):
    made = Contours()
    made.show(masks(tmp_path), "stretch")
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


def test_that_classes_have_no_outlines(contours):
    contours.show(two_classes(), "stretch")
    contours.want([0])
    assert contours.of(0, (8, 8)) == []
