"""The gallery on real pictures: worst first, filtered, opened large, labels mended with undo, saved as a table."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from runtime.attach import data_sources
from runtime.data.corrections import corrections_in
from tests.designer.evaluation.cards import click_card

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key
LONG = 60_000


def held_corrections(project):
    (source,) = data_sources(project.document.graph())
    return corrections_in(project.document.nodes[source].settings.get("corrections"))


def test_that_cases_are_shown_with_their_pictures_worst_first(qtbot, page, gallery):
    cases, files = page.view.measured.cases, page.view.files
    shown = gallery.grid.cards.cases
    assert len(shown) == 5
    assert list(cases.error[shown]) == sorted(cases.error, reverse=True)
    qtbot.waitUntil(lambda: all(page.view.pictures.image(case) is not None for case in shown), timeout=LONG)
    for case in shown:
        sample = files.book.samples[files.place_of(case)]
        assert page.view.measured.said(case) == sample.label
        image = page.view.pictures.image(case)
        middle = image.pixelColor(image.width() // 2, image.height() // 2).value()
        corner = image.pixelColor(2, 2).value()
        assert (middle > corner) == (sample.label == "bright")


def test_that_no_name_of_a_file_is_shown_until_it_is_asked_for(page, gallery):
    assert page.view.files.name_of(0).startswith("Image ")
    QTest.keyClick(gallery.names_box, Key.Key_Space)
    assert page.view.files.name_of(0).endswith(".png")


def test_that_a_cell_of_the_matrix_shows_its_cases(qtbot, page, gallery):
    page.view.tabs.show_page("numbers")
    counts = page.confusion.counts
    truth = next(row for row, own in enumerate(counts) if sum(own))
    predicted = max(range(len(counts)), key=lambda column: counts[truth][column])
    QTest.mouseClick(page.confusion, LEFT, pos=page.confusion.box(truth, predicted).center().toPoint())
    assert page.view.tabs.current == "cases"
    assert len(gallery.grid.cards.cases) == counts[truth][predicted]
    assert gallery.truth.currentData() == truth
    assert gallery.all_button.isEnabled()
    QTest.mouseClick(gallery.all_button, LEFT)
    assert len(gallery.grid.cards.cases) == 5


def test_that_filters_that_fit_no_case_say_so(gallery):
    gallery.kind.setCurrentIndex(gallery.kind.findData("flipped"))
    gallery.kind.activated.emit(gallery.kind.currentIndex())
    assert gallery.pages.currentWidget() is gallery.empty
    assert not gallery.save_button.isEnabled()


def test_that_a_case_is_opened_large_gone_on_from_and_left_with_escape(qtbot, page, gallery):
    view, case_page = page.view, page.view.case
    click_card(gallery.grid, 0)
    assert view.currentWidget() is case_page
    assert case_page.case == gallery.grid.cards.cases[0]
    qtbot.waitUntil(lambda: case_page.viewer.view.picture is not None, timeout=LONG)
    assert case_page.place.text() == "Case 1 of 5"
    assert not case_page.before.isEnabled()
    QTest.keyClick(case_page.viewer.view, Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert case_page.case == gallery.grid.cards.cases[1]
    QTest.keyClick(case_page.viewer.view, Key.Key_Escape)
    assert view.currentWidget() is not case_page
    assert view.tabs.current == "cases"


def test_that_a_wrong_label_is_mended_as_in_the_data_workspace_and_taken_back(qtbot, page, gallery):
    click_card(gallery.grid, 0)
    side, files = page.view.case.side, page.view.files
    case = page.view.case.case
    key = files.book.samples[files.place_of(case)].key
    other = next(name for name in ("bright", "dark") if name != page.view.measured.said(case))
    own = page.view.measured.said(case)
    side.labels.setCurrentText(own)
    with qtbot.waitSignal(page.said) as said:
        QTest.mouseClick(side.set_button, LEFT)
    assert f"The label is {own} already" in said.args[0]
    assert held_corrections(page.project).label_of(key) is None
    side.labels.setCurrentText(other)
    with qtbot.waitSignal(page.said) as said:
        QTest.mouseClick(side.set_button, LEFT)
    assert f"The label is {other} now" in said.args[0]
    assert held_corrections(page.project).label_of(key) == other
    assert f"Label by hand: {other}" in side.mended.text()
    with qtbot.waitSignal(page.said) as said:
        page.project.undo()  # as Ctrl+Z does, wherever it is pressed
    assert said.args[0] == f"The label is {own} again."
    QTest.mouseClick(side.set_button, LEFT)
    assert held_corrections(page.project).label_of(key) == other
    QTest.mouseClick(side.undo_button, LEFT)
    assert held_corrections(page.project).label_of(key) is None
    assert not side.mended.isVisible()


def test_that_the_cases_shown_are_saved_as_a_table_without_names(qtbot, page, gallery, tmp_path):
    with qtbot.waitSignal(page.said) as said:
        gallery.save(tmp_path / "cases.csv")
    assert "5 cases" in said.args[0]
    with (tmp_path / "cases.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["case"] for row in rows] == [
        str(page.view.measured.cases.case[one]) for one in gallery.grid.cards.cases
    ]
    assert all(row["name"].startswith("Image ") and ".png" not in "".join(row.values()) for row in rows)
    assert {row["true"] for row in rows} <= {"bright", "dark"}


def test_that_a_table_that_cannot_be_written_is_said(qtbot, page, gallery, tmp_path):
    with qtbot.waitSignal(page.said) as said:
        gallery.save(tmp_path / "nowhere" / "cases.csv")
    assert said.args[1] == "error"


def test_that_a_folder_that_is_gone_is_said_and_numbers_stay(qtbot, page, tmp_path):
    (source,) = data_sources(page.project.document.graph())
    with page.project.document.edit("Elsewhere"):
        page.project.document.change(source, folder=str(tmp_path / "gone"))
    page.view.files.show(page.view.measured, None)
    page.view.tabs.show_page("cases")
    assert "is not there" in page.view.gallery.note.text()
    assert len(page.view.gallery.grid.cards.cases) == 5


def test_that_the_folder_is_read_beside_the_window_where_nobody_has_read_it(qtbot, open_page, measured):
    page = open_page(measured)
    qtbot.waitUntil(lambda: bool(page.result))
    page.view.tabs.show_page("cases")
    assert page.view.gallery.busy.isVisible()
    qtbot.waitUntil(lambda: page.view.files.place_of(0) is not None, timeout=LONG)
    assert not page.view.gallery.busy.isVisible()


@pytest.mark.slow
def test_that_maps_are_laid_over_the_pictures_and_taken_away_again(qtbot, page, gallery):
    pictures, maps = page.view.pictures, page.view.maps
    (first, *_) = gallery.grid.cards.cases
    qtbot.waitUntil(lambda: pictures.image(first) is not None, timeout=LONG)
    plain = pictures.image(first).copy()
    QTest.keyClick(gallery.map_, Key.Key_Down)
    assert maps.method == "gradcam"
    qtbot.waitUntil(lambda: maps.counts[0] == 5 and not maps.busy, timeout=LONG)
    assert "maps depend on what was learned" in gallery.map_note.text()
    assert pictures.image(first) != plain
    assert maps.said(first) in gallery.grid.cards.data(gallery.grid.cards.index(0), Qt.ItemDataRole.ToolTipRole)
    assert len(list((page.view.measured.folder / "maps").iterdir())) == 5
    QTest.keyClick(gallery.map_, Key.Key_Up)
    assert pictures.image(first) == plain
    assert gallery.map_note.isHidden()


def test_that_a_case_that_was_looked_at_is_forgotten_with_its_evaluation(qtbot, page, gallery):
    click = page.parts.buttons
    click["train"].click()
    qtbot.waitUntil(lambda: page.result.get("part") == "train")
    page.view.open_case(len(page.view.measured.cases) - 1)
    click["validation"].click()
    qtbot.waitUntil(lambda: page.result.get("part") == "validation")
    page.view.files.changed.emit()  # as when the folder of the other cases was read: nothing is raised
    assert page.view.case.case == -1
