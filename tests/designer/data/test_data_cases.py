"""Cases mended by hand, charts, header, tree, warnings and split of the Data workspace, on real surveys."""

import csv

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from designer.data.bar_chart import BarChart
from designer.data.chart_rows import Bar, Chart
from designer.data.names import Names
from designer.data.window_words import in_window
from runtime.attach import data_sources
from runtime.data.labels import read_dataset
from runtime.graph import Training
from runtime.templates import graph_of
from tests.builders.pictures import class_folders

LEFT, NONE, CTRL, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Key = Qt.Key
LONG = 60_000


def survey(qtbot, workspace, folder):
    workspace.open_folder(folder)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    return workspace.browser


def used(qtbot, workspace, project, folder):
    """The folder in a project that learns classes."""
    project.new(graph_of("lenet"))
    return survey(qtbot, workspace, folder)


def source_settings(project):
    (source,) = data_sources(project.document.graph())
    return project.document.nodes[source].settings


def click_row(table, row, modifier=NONE):
    at = table.visualRect(table.model().index(row, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, modifier, at)


def show_tab(browser, title):
    tabs = browser.right
    place = next(place for place in range(tabs.count()) if tabs.tabText(place).startswith(title))
    QTest.mouseClick(tabs.tabBar(), LEFT, NONE, tabs.tabBar().tabRect(place).center())
    assert tabs.currentIndex() == place


@pytest.mark.slow
def test_that_a_label_is_set_by_hand_undone_and_done_again(qtbot, workspace, project, pictures):
    browser = used(qtbot, workspace, project, pictures)
    before = dict(source_settings(project))
    show_tab(browser, "Cases")
    click_row(browser.cases.table, 0)
    click_row(browser.cases.table, 1, CTRL)
    assert len(browser.book.chosen) == 2
    was = browser.book.label_of(browser.book.chosen[0])
    other = "dark" if was == "bright" else "bright"
    browser.cases.labels.lineEdit().selectAll()
    QTest.keyClicks(browser.cases.labels.lineEdit(), other)
    QTest.keyClick(browser.cases.labels.lineEdit(), Key.Key_Return)
    assert {browser.book.label_of(place) for place in browser.book.chosen} == {other}
    after = source_settings(project)
    assert after["counts"] == ([20, 16] if other == "bright" else [16, 20])
    assert after["fingerprint"] != before["fingerprint"]
    assert workspace.use_button.text() == "In use"
    kept = read_dataset(pictures, corrections=after["corrections"])
    assert kept.fingerprint == after["fingerprint"]
    QTest.mouseClick(browser.cases.undo_button, LEFT)
    assert source_settings(project)["counts"] == before["counts"]
    assert browser.book.label_of(browser.book.chosen[0]) == was
    project.redo()
    project.analyse_now()
    assert browser.book.label_of(browser.book.chosen[0]) == other


@pytest.mark.slow
def test_that_cases_are_left_out_and_taken_back(qtbot, workspace, project, pictures):
    browser = used(qtbot, workspace, project, pictures)
    show_tab(browser, "Cases")
    click_row(browser.cases.table, 3)
    QTest.mouseClick(browser.cases.out_button, LEFT)
    assert source_settings(project)["images"] == 35
    assert browser.cases.table.cases.row(browser.book.chosen[0])[-1] == "left out"
    assert not browser.cases.out_button.isEnabled()
    assert "already" in browser.cases.out_button.toolTip()
    QTest.mouseClick(browser.cases.back_button, LEFT)
    assert source_settings(project)["images"] == 36
    assert source_settings(project)["corrections"] == []


@pytest.mark.slow
def test_that_nothing_can_be_mended_before_the_data_are_used_and_it_says_why(qtbot, workspace, pictures):
    browser = survey(qtbot, workspace, pictures)
    show_tab(browser, "Cases")
    click_row(browser.cases.table, 0)
    assert not browser.cases.out_button.isEnabled()
    assert "Use this data" in browser.cases.out_button.toolTip()


@pytest.mark.slow
def test_that_corrections_of_other_data_are_dropped_with_a_word(qtbot, workspace, project, pictures, tmp_path):
    browser = used(qtbot, workspace, project, pictures)
    assert not browser.book.leave_out([0])
    other = tmp_path / "other" / "dark"
    other.mkdir(parents=True)
    for path in sorted((pictures / "dark").iterdir())[:4]:
        (other / path.name).write_bytes(path.read_bytes())
    with qtbot.waitSignal(workspace.said, timeout=LONG) as said:
        workspace.open_folder(tmp_path / "other")
    assert "belonged to other data" in said.args[0]
    assert source_settings(project)["corrections"] == []


@pytest.mark.slow
def test_that_the_table_is_filtered_sorted_copied_and_saved_as_it_is_shown(qtbot, workspace, heads, tmp_path):
    browser = survey(qtbot, workspace, heads)
    show_tab(browser, "Cases")
    panel = browser.cases
    QTest.keyClicks(panel.filter, "T1")
    qtbot.waitUntil(lambda: 0 < len(panel.table.cases.places) < len(browser.book.samples))
    head = panel.table.horizontalHeader()
    QTest.mouseClick(head.viewport(), LEFT, NONE, QPoint(head.sectionViewportPosition(1) + 10, 8))
    panel.save(tmp_path / "cases.csv")
    with (tmp_path / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + len(panel.table.cases.places)
    assert {row[2] for row in rows[1:]} == {"T1"}
    assert all(row[1].startswith("Patient ") for row in rows[1:])
    click_row(panel.table, 0)
    QTest.keyClick(panel.table, Key.Key_C, CTRL)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2


@pytest.mark.slow
def test_that_names_are_hidden_until_they_are_asked_for(qtbot, workspace, heads):
    browser = survey(qtbot, workspace, heads)
    patient = browser.book.samples[0].patient
    tree = browser.tree
    said = " ".join(entry.title for entry in all_entries(tree))
    assert patient not in said
    assert "Patient 1" in said
    assert not any(patient in str(row[0]) for row in browser.facts.patients.content.rows)
    QTest.mouseClick(browser.names_box, LEFT, NONE, QPoint(8, browser.names_box.height() // 2))
    assert patient in " ".join(entry.title for entry in all_entries(tree))
    assert any(patient == row[0] for row in browser.facts.patients.content.rows)


def all_entries(tree):
    def below(entries):
        for entry in entries:
            yield entry
            yield from below(entry.children)

    return list(below(tree.model_._top))


def test_that_names_in_sentences_and_folders_are_replaced_too():
    names = Names()
    names.learn(["SCD0000101", "7"], ["SCD0000101/image.dcm"])
    assert names.hidden_in("SCD0000101/masks: 7 of SCD0000101.") == "Patient 2/masks: 7 of Patient 2."
    assert names.hidden_in("image.dcm is damaged") == "Image 1 is damaged"
    names.shown = True
    assert names.hidden_in("of SCD0000101.") == "of SCD0000101."


def test_that_names_of_several_words_and_files_in_no_list_are_replaced_too():
    names = Names()
    names.learn(["DOE^JANE", "Doe Jane"], ["a/Doe Jane 1.dcm"], ["old/DOE^JANE.txt"])
    assert names.file("old/DOE^JANE.txt") == "File 1"
    assert names.hidden_in("Series DOE^JANE: gaps.") == "Series Patient 1: gaps."
    assert names.hidden_in("Doe Jane 1.dcm is damaged, so is old/DOE^JANE.txt.") == "Image 1 is damaged, so is File 1."
    assert names.hidden_in("x/jane/seg.dcm (SEG) belongs to no image") == "File 2 (SEG) belongs to no image"
    assert names.hidden_in("The table labels.csv is not used") == "The table labels.csv is not used"
    assert names.told("ABDOMEN, Mrs. Doe") == ""
    names.shown = True
    assert names.told("ABDOMEN, Mrs. Doe") == "ABDOMEN, Mrs. Doe"


def test_that_sentences_name_what_is_clicked_in_place_of_options():
    said = "There are class folders too (20 classes); --labels folders takes them instead."
    assert in_window(said) == (
        "There are class folders too (20 classes); choose “class folders” under “Labels” above to take them instead."
    )
    table = "The table a b.csv is not used: why; --labels a b.csv takes it."
    assert in_window(table).endswith("; choose “a b.csv” under “Labels” above to take it.")


@pytest.mark.slow
def test_that_the_tree_shows_patients_studies_series_with_verdicts_and_files_on_demand(qtbot, workspace, real_data):
    browser = survey(qtbot, workspace, real_data / "dicom_series")
    tree = browser.tree
    browser.left.setCurrentWidget(tree)
    levels = {entry.level for entry in all_entries(tree)}
    assert {"patient", "study", "series"} <= levels
    assert "file" not in levels
    assert {entry.verdict for entry in all_entries(tree) if entry.level == "series"} <= {"use", "note", "excluded"}
    QTest.keyClicks(tree.filter, "ct")
    qtbot.waitUntil(lambda: {e.title.split()[0] for e in all_entries(tree) if e.level == "series"} == {"CT"})
    tree.tree.setFocus()
    for _ in range(3):
        QTest.keyClick(tree.tree, Key.Key_Down)
    assert len(browser.viewer.slices.refs) == 22
    assert len(browser.book.chosen) == 22
    QTest.keyClick(tree.tree, Key.Key_Right)
    QTest.keyClick(tree.tree, Key.Key_Right)
    assert sum(entry.level == "file" for entry in all_entries(tree)) == 22
    positions = [ref.position_mm for ref in browser.viewer.slices.refs]
    assert positions == sorted(positions)


@pytest.mark.slow
def test_that_a_small_picture_opens_its_series_in_the_viewer(qtbot, workspace, heads):
    browser = survey(qtbot, workspace, heads)
    grid = browser.grid
    at = grid.visualRect(grid.pictures.index(4)).center()
    QTest.mouseClick(grid.viewport(), LEFT, NONE, at)
    path = grid.pictures.record(4)["path"]
    ref = browser.viewer.slices.refs[browser.viewer.slices.at]
    assert ref.path == heads / path
    qtbot.waitUntil(lambda: browser.viewer.slices.picture(browser.viewer.slices.at) is not None, timeout=LONG)
    assert not browser.viewer.slices.picture(browser.viewer.slices.at).fault


@pytest.mark.slow
def test_that_a_bar_chooses_its_cases_by_mouse_and_by_keyboard(qtbot, workspace, pictures):
    browser = survey(qtbot, workspace, pictures)
    show_tab(browser, "Charts")
    chart = next(chart for chart in browser.charts.charts if chart.chart.title == "Classes")
    QTest.mouseClick(chart, LEFT, NONE, chart.box(0).center().toPoint())
    first = chart.chart.bars[0].name
    assert {browser.book.label_of(place) for place in browser.book.chosen} == {first}
    assert browser.right.currentWidget() is browser.cases
    assert browser.cases.only_chosen.isChecked()
    assert len(browser.cases.table.cases.places) == 18
    show_tab(browser, "Charts")
    chart.setFocus()
    for key in (Key.Key_Down, Key.Key_Return):
        QTest.keyClick(chart, key)
    assert len(browser.book.chosen) == 18
    assert {browser.book.label_of(place) for place in browser.book.chosen} != {first}


@pytest.mark.slow
def test_that_charts_tell_scanner_size_spacing_and_bits_of_real_series(qtbot, workspace, real_data):
    browser = survey(qtbot, workspace, real_data / "dicom_series")
    show_tab(browser, "Charts")
    counted = {chart.chart.title: {bar.name: bar.count for bar in chart.chart.bars} for chart in browser.charts.charts}
    assert counted["Modality"] == {"MR": 212, "CT": 22}
    assert counted["Image size (px)"] == {"256×256": 212, "512×512": 22}
    assert sum(counted["Scanner"].values()) == 234
    assert "12 bits" in counted["Bit depth"]


def test_that_a_chart_is_copied_and_saved(qtbot, tmp_path):
    chart = BarChart(Chart("Classes", "cases", (Bar("a", 3, (0, 1, 2)), Bar("b", 1, (3,)))))
    qtbot.addWidget(chart)
    chart.show()
    chart.activateWindow()
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    QTest.keyClick(chart, Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "Classes,cases\na,3\nb,1\n"
    chart.save(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").stat().st_size > 100


@pytest.mark.slow
def test_that_the_header_is_searched_and_keeps_identifiers_hidden(qtbot, workspace, heads):
    browser = survey(qtbot, workspace, heads)
    show_tab(browser, "Header")
    header = browser.header
    qtbot.waitUntil(lambda: header.tree.topLevelItemCount() > 10, timeout=LONG)
    QTest.keyClicks(header.search, "patient id")
    assert header.tree.topLevelItemCount() == 1
    assert header.tree.topLevelItem(0).text(3) == "•••••"
    QTest.mouseClick(browser.names_box, LEFT, NONE, QPoint(8, browser.names_box.height() // 2))
    assert header.tree.topLevelItem(0).text(3) in {sample.patient for sample in browser.book.samples}
    header.tree.setFocus()
    QTest.keyClick(header.tree, Key.Key_Down)
    header.tree.selectAll()
    QTest.keyClick(header.tree, Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().startswith("(0010,0020)\tPatient ID")


@pytest.mark.slow
def test_that_warnings_lead_to_their_cases_and_to_another_choice_of_masks(qtbot, workspace, real_data):
    browser = survey(qtbot, workspace, real_data / "segmentation" / "cardiac_mr_sunnybrook")
    show_tab(browser, "Warnings")
    made = [one for card in browser.warnings.cards for one in card.findChildren(object) if hasattr(one, "clicked")]
    take = next(one for one in made if one.text() == "Use masks_lv")
    before = workspace.survey
    QTest.mouseClick(take, LEFT)
    qtbot.waitUntil(lambda: workspace.survey is not before and not workspace.survey.running, timeout=LONG)
    assert workspace.found.label == "mask"
    viewer = workspace.browser.viewer
    qtbot.waitUntil(lambda: viewer.view.picture is not None, timeout=LONG)
    assert viewer.view.picture.mask is not None


@pytest.mark.slow
def test_that_the_split_is_counted_and_changed_by_mouse_and_keyboard_and_undone(qtbot, workspace, project, heads):
    browser = used(qtbot, workspace, project, heads)
    show_tab(browser, "Split")
    panel = browser.splitting
    qtbot.waitUntil(lambda: panel.counts is not None, timeout=LONG)
    assert not panel.counts.problems
    assert sum(panel.counts.cases.values()) == len(browser.book.samples)
    assert [row[0] for row in panel.table.content.rows][:2] == ["Cases", "Patients"]
    panel.shares.setFocus()
    for _ in range(20):
        QTest.keyClick(panel.shares, Key.Key_Left)
    assert project.document.training.parts == (0.5, 0.35, 0.15)
    QTest.keyClick(panel.shares, Key.Key_Right, SHIFT)
    assert project.document.training.parts == (0.5, 0.36, 0.14)
    start = QPoint(round(panel.shares.edge(0)), 20)
    QTest.mousePress(panel.shares, LEFT, NONE, start)
    QTest.mouseMove(panel.shares, start + QPoint(round(panel.shares.width() * 0.1), 0))
    QTest.mouseRelease(panel.shares, LEFT, NONE, start)
    assert project.document.training.parts[0] == pytest.approx(0.6, abs=0.02)
    while project.document.training != Training() and project.document.undo_label == "Change the split":
        project.undo()
    assert panel.shares.shares == (0.7, 0.15, 0.15)


@pytest.mark.slow
def test_that_a_k_fold_split_is_set_and_shown(qtbot, workspace, project, heads):
    browser = used(qtbot, workspace, project, heads)
    show_tab(browser, "Split")
    panel = browser.splitting
    panel.folds.setFocus()
    panel.folds.selectAll()
    QTest.keyClicks(panel.folds, "3")
    QTest.keyClick(panel.folds, Key.Key_Return)
    assert project.document.training.folds == 3
    assert panel.fold.isVisible()
    assert not panel.shares.isVisible()
    qtbot.waitUntil(lambda: panel.counts is not None and "fold" in panel.counts.how, timeout=LONG)


@pytest.mark.slow
def test_that_where_the_data_name_their_parts_nothing_is_to_be_set(qtbot, workspace, tmp_path):
    for part in ("train", "validation", "test"):
        class_folders(tmp_path / part, count=6)
    browser = survey(qtbot, workspace, tmp_path)
    show_tab(browser, "Split")
    panel = browser.splitting
    qtbot.waitUntil(lambda: panel.counts is not None, timeout=LONG)
    assert panel.counts.cases == {"train": 6, "validation": 6, "test": 6}
    assert "name the parts themselves" in panel.how.text()
    assert [field.isVisible() for field in (panel.shares, panel.by, panel.folds, panel.seed)] == [False] * 3 + [True]


@pytest.mark.slow
def test_that_a_split_that_cannot_be_made_says_why(qtbot, workspace, real_data):
    browser = survey(qtbot, workspace, real_data / "dicom_series")
    show_tab(browser, "Split")
    qtbot.waitUntil(lambda: bool(browser.splitting.problems.texts), timeout=LONG)
    assert "different patients" in browser.splitting.problems.texts[0]


@pytest.mark.slow
def test_that_every_control_of_the_page_has_a_name(qtbot, workspace, heads):
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QTableView, QTreeView

    browser = survey(qtbot, workspace, heads)
    for kind in (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QTableView, QTreeView):
        for widget in browser.findChildren(kind):
            if widget.objectName().startswith("qt_") or "Scroll" in type(widget).__name__ or not widget.isVisible():
                continue
            named = widget.accessibleName() or getattr(widget, "text", str)()
            parent = widget.parentWidget()
            assert named or (parent is not None and parent.accessibleName()), widget


@pytest.mark.slow
def test_that_the_page_stays_within_a_small_window(qtbot, workspace, heads):
    survey(qtbot, workspace, heads)
    assert workspace.minimumSizeHint().width() <= 1280
    workspace.resize(1280, 700)
    for place in range(workspace.browser.right.count()):
        workspace.browser.right.setCurrentIndex(place)
        assert workspace.width() == 1280


@pytest.mark.slow
def test_that_the_mouse_over_the_picture_tells_the_value(qtbot, workspace, heads):
    viewer = survey(qtbot, workspace, heads).viewer
    qtbot.waitUntil(lambda: viewer.view.picture is not None, timeout=LONG)

    def told():
        """The picture is fitted anew while the page finds its size, so the place is asked for each time."""
        QTest.mouseMove(viewer.view, viewer.view.frame.point(QPointF(20.5, 20.5)).toPoint())
        return viewer.under.text().startswith("row 21, column 21: ")

    qtbot.waitUntil(told, timeout=LONG)
