"""Calibration, agreement, masks and groups: what their plots and tables hold, and what opens from them."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from designer.evaluation.calibration_page import CalibrationPage
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.groups_page import GroupsPage
from designer.evaluation.overlap_page import OverlapPage
from designer.evaluation.regression_page import RegressionPage
from designer.evaluation.wording import spelled_value
from designer.project import Project
from runtime.evaluation.folds import POOLED
from tests.builders.evaluations import masks, numbers, two_classes, two_labels

Key = Qt.Key


@pytest.fixture
def show(qtbot):
    """Shows a page."""

    def make(page, measured):
        qtbot.addWidget(page)
        page.resize(1000, 600)
        page.show_measured(measured)
        page.show()
        qtbot.waitExposed(page)
        return page

    return make


def choose_row(table, row):
    table.setCurrentIndex(table.model().index(row, 0))
    QTest.keyClick(table, Key.Key_Return)


def test_that_calibration_counts_every_case_once(show):
    page = show(CalibrationPage(), two_classes())
    assert sum(one.cases for one in page.reliability.bins) == 40
    assert int(page.likelihood.having.sum()) == int(page.likelihood.lacking.sum()) == 20
    assert page.classes.currentText() == "ill"
    assert "Brier score" in page.scores.text()
    rows = list(csv.reader(io.StringIO(page.reliability.csv())))
    assert len(rows) == 11


def test_that_the_temperature_is_offered_where_it_was_fitted(show):
    page = show(CalibrationPage(), two_classes())
    assert not page.warm.isEnabled()
    assert "evaluate the validation part first" in page.warm.toolTip()
    warmed = show(CalibrationPage(), two_classes(temperature=2.0))
    plain = warmed.probabilities()
    QTest.keyClick(warmed.warm, Key.Key_Space)
    assert np.abs(warmed.probabilities() - 0.5).max() < np.abs(plain - 0.5).max()
    assert "after temperature" in warmed.scores.text()


def test_that_each_of_several_labels_is_calibrated_by_itself(show):
    page = show(CalibrationPage(), two_labels())
    page.classes.setCurrentIndex(1)
    page.classes.activated.emit(1)
    assert "not mass" in page.likelihood.values.text()


def test_that_numbers_are_plotted_with_their_unit_and_open_their_case(qtbot, show):
    page = show(RegressionPage(), numbers())
    assert page.scatter._axes == ("true (mm)", "answered (mm)")
    assert "bias 1.364 mm" in page.agreement.values.text()
    plot = page.agreement.plot
    page.grab()  # the range of the axes follows when the plot is drawn
    last = plot.plotItem.vb.mapViewToScene(QPointF(35, -10))
    with qtbot.waitSignal(page.opened) as opened:
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(last))
    assert opened.args == [19]


def test_that_several_numbers_are_chosen_by_name_each_with_its_unit(show):
    one = numbers()
    truth, found = (np.stack([values, values * 100], axis=1) for values in (one.cases.truth, one.cases.predicted))
    metrics = {f"{key}:{name}": value for name in ("length", "mass") for key, value in one.record.metrics.items()}
    several = replace(
        one, cases=replace(one.cases, truth=truth, predicted=found),
        record=replace(one.record, classes=("length", "mass"), unit="mm, g", metrics=metrics),
    )  # fmt: skip
    page = show(RegressionPage(), several)
    assert page.scatter._axes == ("true (mm)", "answered (mm)")
    page.numbers.setCurrentIndex(1)
    page.numbers.activated.emit(1)
    assert page.scatter._axes == ("true (g)", "answered (g)")
    assert page.agreement.truth.tolist() == (one.cases.truth * 100).tolist()
    assert "bias 1.364 g" in page.agreement.values.text()
    assert several.said(0) == f"{one.cases.truth[0]:.4g} mm; {one.cases.truth[0] * 100:.4g} g"
    page.show_measured(one)
    assert not page.numbers.isVisible()


def test_that_masks_are_listed_worst_first_and_open_their_case(qtbot, show, tmp_path):
    page = show(OverlapPage(CaseFiles(Project())), masks(tmp_path))
    rows = page.table.content.rows
    assert [row[1] for row in rows] == ["0.250", "0.800"]
    assert [row[5].full for row in rows] == [1000.0, 5.0]
    assert rows[0][4] == "4\N{NARROW NO-BREAK SPACE}000"
    assert "True (ml)" in page.table.content.headers
    with qtbot.waitSignal(page.opened) as opened:
        choose_row(page.table, 0)
    assert opened.args == [1]


def test_that_groups_are_listed_and_open_their_cases(qtbot, show):
    page = show(GroupsPage(), two_classes())
    assert [row[0] for row in page.table.content.rows] == ["All cases", "sex", "sex"]
    assert [row[1] for row in page.table.content.rows] == ["–", "f", "m"]
    assert page.columns.text() == "sex"
    whole = two_classes().record
    name = page.metrics.currentData()
    assert page.table.content.rows[0][2:5] == (whole.cases, whole.patients, spelled_value(name, whole.metrics[name]))
    with qtbot.waitSignal(page.group_asked) as asked:
        choose_row(page.table, 2)
    assert asked.args == ["sex", "m"]
    with qtbot.waitSignal(page.group_asked) as asked:
        choose_row(page.table, 0)
    assert asked.args == ["", ""]


def test_that_of_all_folds_no_groups_are_asked_for_that_cannot_be_measured(show):
    page = show(GroupsPage(), replace(two_labels(), stem=POOLED))
    assert not page.asking.isVisible()
    assert "left out one after the other" in page.empty.says.text()
    page.show_measured(two_labels())
    assert page.asking.isVisible()
    assert "Write above" in page.empty.says.text()


def test_that_groups_are_asked_for_with_the_keyboard(qtbot, show):
    page = show(GroupsPage(), two_labels())
    assert page.pages.currentWidget() is page.empty
    QTest.keyClicks(page.columns, "age, site")
    with qtbot.waitSignal(page.by_asked) as asked:
        QTest.keyClick(page.columns, Key.Key_Return)
    assert asked.args == [["age", "site"]]
