"""The operating point: slider, numbers, points on the curves and flipped cases move together."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from designer.data.pixel_server import PixelServer
from designer.evaluation.case_choice import CaseChoice
from designer.evaluation.case_files import CaseFiles
from designer.evaluation.case_pictures import CasePictures
from designer.evaluation.contours import Contours
from designer.evaluation.threshold_page import ThresholdPage
from designer.evaluation.working_point import WorkingPoint
from designer.project import Project
from runtime.evaluation.operating_point import OperatingPoint, load_operating_point
from runtime.evaluation.predictive import predictive_values
from tests.builders.evaluations import two_classes, two_labels

Key = Qt.Key


class Shown:
    """The page with what it follows."""

    def __init__(self, qtbot, measured, stored=None):
        server, files, contours = PixelServer(), CaseFiles(Project()), Contours()
        self.parts = (server, files, contours)
        self.choice, self.point = CaseChoice(), WorkingPoint()
        pictures = CasePictures(server, files, contours)
        self.page = ThresholdPage(self.point, self.choice, pictures)
        self.parts += (pictures,)
        qtbot.addWidget(self.page, before_close_func=lambda _page: contours.close_down())
        self.page.resize(1200, 640)
        self.choice.show(measured)
        self.point.show(measured, stored)
        self.page.show()
        qtbot.waitExposed(self.page)
        self.panel = self.page.panel

    def rate(self, name):
        """A number of the table in full."""
        return next(row[1].full for row in self.panel.table.content.rows if row[0] == name)


@pytest.fixture
def shown(qtbot, tmp_path):
    return Shown(qtbot, two_classes(folder=tmp_path))


def spot(plot):
    xs, ys = plot._spot.getData()
    return float(xs[0]), float(ys[0])


def test_that_the_slider_moves_numbers_points_and_flipped_cases_together(qtbot, shown):
    assert shown.panel.classes.currentText() == "ill"
    assert shown.rate("Sensitivity") == pytest.approx(0.7)
    assert shown.page.flips_title.text() == "No case flips: as at 0.5"
    before = shown.point.ranked.called(0.5)
    QTest.keyClick(shown.panel.slider, Key.Key_Home)
    qtbot.waitUntil(lambda: shown.rate("Sensitivity") == 1.0)
    assert shown.rate("Specificity") == 0.0
    assert shown.panel.number.value() == 0.0
    assert spot(shown.page.roc) == (1.0, 1.0)
    assert spot(shown.page.precision) == (1.0, 0.5)
    flipped = set(np.flatnonzero(~before).tolist())
    assert shown.choice.flipped == flipped
    assert set(shown.page.flips.cards.cases) == flipped
    assert f"{len(flipped)} cases become ill" in shown.page.flips_title.text()


def test_that_many_moves_in_one_moment_are_told_once_and_the_last_one_counts(qtbot, shown):
    told = []
    shown.point.moved.connect(lambda: told.append(shown.point.threshold))
    for threshold in np.linspace(0.6, 0.9, 200):
        shown.point.move(float(threshold))
    assert len(told) == 1
    qtbot.waitUntil(lambda: told[-1] == pytest.approx(0.9))
    assert len(told) == 2


def test_that_predictive_values_follow_the_prevalence_that_is_typed(shown):
    field = shown.panel.prevalence
    assert field.value() == 50.0
    assert shown.rate("PPV") == pytest.approx(14 / 15)
    field.selectAll()
    QTest.keyClicks(field, "2")
    QTest.keyClick(field, Key.Key_Return)
    ppv, npv = predictive_values(0.7, 0.95, 0.02)
    assert (shown.rate("PPV"), shown.rate("NPV")) == pytest.approx((ppv, npv))
    sure = shown.point.predicted_within(0.02)
    assert sure["ppv"].low < ppv < sure["ppv"].high
    assert all(row[2] != "–" for row in shown.panel.table.content.rows)


def test_that_a_click_near_a_curve_takes_the_threshold_of_that_point(shown):
    plot = shown.page.roc.plot
    place = plot.mapFromScene(plot.plotItem.vb.mapViewToScene(QPointF(0.0, 0.5)))
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    counts = shown.point.counts
    assert counts.specificity == 1.0
    assert 0.4 < counts.sensitivity < 0.7


def test_that_a_rule_chooses_a_threshold(shown):
    for key in (Key.Key_Down, Key.Key_Down):
        QTest.keyClick(shown.panel.wish, key)
    assert shown.point.counts.sensitivity >= 0.95


def test_that_a_threshold_is_kept_with_the_run_and_forgotten_again(qtbot, shown, tmp_path):
    shown.panel.stored.connect(shown.point.store)
    shown.point.move(0.25)
    with qtbot.waitSignal(shown.page.said) as said:
        QTest.mouseClick(shown.panel.use_button, Qt.MouseButton.LeftButton)
    assert "0.250 for ill" in said.args[0]
    assert load_operating_point(tmp_path) == OperatingPoint({"ill": 0.25}, "user", "set by hand", 3)
    assert not shown.panel.use_button.isEnabled()
    assert shown.page.flips_title.text() == "No case flips: as at 0.25"
    QTest.mouseClick(shown.panel.back_button, Qt.MouseButton.LeftButton)
    assert load_operating_point(tmp_path) is None
    assert shown.point.baseline == 0.5


def test_that_a_kept_threshold_is_where_the_slider_begins(qtbot, tmp_path):
    shown = Shown(qtbot, two_classes(folder=tmp_path), OperatingPoint({"ill": 0.3}, "user", "set by hand", 3))
    assert shown.panel.slider.value() == 300
    assert shown.panel.back_button.isEnabled()


def test_that_each_of_several_labels_has_its_own_threshold(qtbot):
    shown = Shown(qtbot, two_labels())
    assert shown.panel.classes.currentText() == "effusion"
    QTest.keyClick(shown.panel.classes, Key.Key_Down)
    assert shown.point.name == "mass"
    assert "not mass" in shown.panel.meaning.text()


def test_that_the_points_of_a_curve_are_copied_as_csv(shown):
    rows = list(csv.reader(io.StringIO(shown.page.roc.csv())))
    assert rows[0] == ["1 - specificity", "sensitivity", "threshold"]
    assert rows[1][:2] == ["0.0", "0.0"]
    assert rows[-1][:2] == ["1.0", "1.0"]


@pytest.mark.parametrize("name", ["roc.svg", "roc.png"])
def test_that_a_curve_is_saved_as_a_picture(qtbot, shown, tmp_path, name):
    with qtbot.waitSignal(shown.page.said) as said:
        shown.page.roc.save(tmp_path / name)
    assert said.args[1] == "good"
    assert (tmp_path / name).stat().st_size > 1000
    with qtbot.waitSignal(shown.page.said) as said:
        shown.page.roc.save(tmp_path / "nowhere" / name)
    assert said.args[1] == "error"


def test_that_the_titles_tell_the_areas_with_their_intervals(shown):
    record = shown.choice.measured.record
    assert shown.page.roc.title.text().startswith(f"ROC · AUC {record.metrics['auc']:.3f} (")
    assert f"AP {record.metrics['average_precision']:.3f} (" in shown.page.precision.title.text()
