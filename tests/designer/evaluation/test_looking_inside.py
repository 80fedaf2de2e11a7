"""Maps, layers, the scatter and shortcuts, reached from the cases of an evaluation."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.designer.evaluation.cards import click_card

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.mark.long
def test_that_a_case_shows_its_map_and_its_layers_without_its_name(qtbot, page, gallery):
    click_card(gallery.grid, 0)
    case = page.view.case
    QTest.mouseClick(case.views.buttons["map"], LEFT)
    qtbot.waitUntil(lambda: "answered" in case.map.about.text(), timeout=LONG)
    assert case.map.about.text().startswith("Image ")
    assert ".png" not in case.map.about.text()
    assert case.map.sanity.text()
    QTest.mouseClick(case.views.buttons["layers"], LEFT)
    features = case.layers.features
    qtbot.waitUntil(lambda: "gives" in features.about.text(), timeout=LONG)
    assert case.layers.node.currentText() in features.about.text()
    assert ".png" not in features.about.text()
    QTest.keyClick(case, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: features.busy.isVisible(), timeout=LONG)
    QTest.keyClick(case, Qt.Key.Key_Escape)
    assert page.view.tabs.current == "cases"


@pytest.mark.long
def test_that_the_cases_within_a_lasso_are_shown_in_the_gallery(qtbot, page, gallery):
    page.view.tabs.show_page("alike")
    alike = page.view.alike
    alike.layout_choice.setCurrentIndex(1)
    QTest.mouseClick(alike.begin_button, LEFT)
    qtbot.waitUntil(lambda: alike.pages.currentIndex() == 1, timeout=LONG)
    alike.view.choose([0, 2])
    assert page.view.tabs.current == "cases"
    assert len(gallery.grid.cards.cases) == 2
    assert gallery.kind.currentText() == "within the lasso"


@pytest.mark.long
def test_that_shortcuts_are_looked_for_in_the_data_of_the_run(qtbot, page):
    page.view.tabs.show_page("shortcuts")
    panel = page.view.shortcuts
    with qtbot.waitSignal(panel.found, timeout=LONG):
        QTest.mouseClick(panel.begin_button, LEFT)
    assert panel.rows.count() >= 2
    assert panel.summary.text()
