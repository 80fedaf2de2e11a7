"""What the window shows stays readable when it changes between light and dark, or becomes small."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from designer import theme
from designer.parts import judge, label
from designer.plots import Decades
from designer.start_page import StartPage
from designer.tables import RowsTable


@pytest.mark.slow
def test_that_the_colour_of_a_verdict_follows_a_change_of_appearance(qtbot):
    app = QApplication.instance()
    verdict = label("✓ T1", "title")
    qtbot.addWidget(verdict)
    try:
        for said, name in (("right", "good"), ("wrong", "error"), ("", "text")):
            judge(verdict, said)
            for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
                colours = theme.apply(app, scheme)
                verdict.ensurePolished()
                assert verdict.palette().color(QPalette.ColorRole.WindowText) == QColor(getattr(colours, name))
    finally:
        theme.apply(app)


def test_that_a_logarithmic_axis_names_so_few_values_that_none_overlap(qtbot):
    axis = Decades("left")
    values = [-3 + step for step in (0.0, 0.301, 0.477, 0.602, 0.699, 0.778, 0.845, 0.903, 0.954)]
    assert [text for text in axis.logTickStrings(values, 1.0, None) if text] == ["0.001", "0.002", "0.005"]
    assert all(axis.logTickStrings(values[2:4], 1.0, None))


def test_that_a_template_is_explained_in_a_window_of_1280_by_800(qtbot):
    page = StartPage({})
    qtbot.addWidget(page)
    page.resize(1280, 690)
    card = page.cards["resnet-18"]
    page.gallery.looked_at.emit(card.template)
    assert not page.explanation.isHidden()
    assert page.explanation.says.text() == card.template.says


def test_that_a_column_of_numbers_stands_right_where_some_are_not_known(qtbot):
    table = RowsTable(["Case", "Dice"], "Overlap")
    qtbot.addWidget(table)
    table.show_rows([("Case 1", None), ("Case 2", 0.5)])
    places = [table.content.index(row, 1).data(Qt.ItemDataRole.TextAlignmentRole) for row in (0, 1)]
    head = table.content.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert all(Qt.AlignmentFlag(place) & Qt.AlignmentFlag.AlignRight for place in (*places, head))
