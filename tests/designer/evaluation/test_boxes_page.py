"""The page of boxes: its curves are those of the measures, and the outlines of a case are its boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from designer.evaluation.boxes_page import BoxesPage, class_colour
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_side import CaseSide
from designer.evaluation.case_words import boxes_by_class, title_of_case
from designer.evaluation.contours import Contours
from designer.evaluation.measured import Measured
from designer.project import Project
from runtime.evaluation.detection import boxes_measured, case_errors
from runtime.evaluation.intervals import Interval
from runtime.evaluation.record import Cases, Evaluation
from tests.builders.boxes import drawn_boxes
from tests.runtime.evaluation.test_points import points

CLASSES = ("a", "b", "c")


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    true, found = drawn_boxes(0, cases=20)
    names = np.array([f"{place:016x}" for place in range(20)])
    error, sure = case_errors(true, found)
    cases = Cases(names, names, np.ones(20, bool), error, error == 0, sure, boxes={"true": true, "found": found})
    metrics = boxes_measured(cases, CLASSES).metrics
    return Measured(tmp_path, "test", Evaluation("test", 20, 20, metrics, CLASSES, (), "detection"), cases)


def test_that_the_curves_tell_what_was_measured(qtbot, measured):
    page = BoxesPage()
    qtbot.addWidget(page)
    page.show_measured(measured)
    for name in CLASSES:
        assert f"{measured.record.metrics[f'ap_50:{name}']:.3f}" in page.precision.values.text()
    assert page.froc.values.text().endswith(f"{measured.record.metrics['froc']:.3f}")
    assert page.precision.csv().splitlines()[0].startswith("class,")


def test_that_points_have_their_froc_alone_and_a_tab_named_so(qtbot, tmp_path):
    cases = points([9, 8, 7, 6, 5], "abcdd", [-1, 0, -1, -1, 0], [0] * 5)
    record = Evaluation("test", 5, 5, {"froc": 0.6}, ("lesion", "no finding"), (), "classification",
                        intervals={"froc": Interval(5, 0.4, 0.8)})  # fmt: skip
    page = BoxesPage()
    qtbot.addWidget(page)
    page.show_measured(Measured(tmp_path, "test", record, cases))
    assert page.precision.isHidden()
    assert "(0.400 – 0.800)" in page.froc.values.text()
    assert [line.partition(",")[2] for line in page.froc.csv().splitlines()[1:]] == ["0.0", "0.5", "0.5", "0.5", "1.0"]


def test_that_a_case_of_boxes_names_the_colours_and_offers_no_label_to_change(qtbot, measured):
    contours, files = Contours(), CaseFiles(Project())
    side = CaseSide(files, contours)
    qtbot.addWidget(side)
    side.show_case(measured, 0)
    for place, (name, met, own, false) in enumerate(boxes_by_class(measured, 0)):
        assert f'{class_colour(place)}">■</span> {name}: {met} of {own} found, {false} false' in side.legend.text()
    assert side.labels.isHidden()
    assert side.set_button.isHidden()
    assert "program they were drawn with" in side.mended.text()
    for reader in (contours, files):
        reader.close_down()


def test_that_a_case_shows_the_boxes_of_truth_and_answer(qtbot, measured):
    contours = Contours()
    contours.show(measured, "stretch")
    true, found = measured.cases.boxes["true"][0], measured.cases.boxes["found"][0]
    there, sure = int((true[:, 0] >= 0).sum()), int(((found[:, 5] >= 0) & (found[:, 4] >= 0.5)).sum())
    outlines = contours.of(0, (100, 100))
    assert [sum(one.dotted is dotted for one in outlines) for dotted in (False, True)] == [there, sure]
    assert f"of {there} found" in title_of_case(measured, 0)
    told = boxes_by_class(measured, 0)
    assert [name for name, *_ in told] == list(CLASSES)
    met, own, false = (sum(counts) for counts in list(zip(*told, strict=True))[1:])
    assert title_of_case(measured, 0) == f"{met} of {own} found, {false} false"
    contours.truth_shown = False
    assert len(contours.of(0, (100, 100))) == sure
    contours.close_down()
