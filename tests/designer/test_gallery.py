"""The start page: templates with pictures, found by typing and by task; recent projects; what is new to try."""

import json
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QApplication, QScrollArea

import nodes  # noqa: F401 - registers the node types
import resources
from designer import remember, theme
from designer.data.practice import PRACTICE
from designer.gallery.gallery import HANDFUL, Gallery
from designer.gallery.news import News, read_news
from designer.gallery.reader import Reader, look_at
from designer.gallery.sizes import short_count, sizes
from designer.gallery.sketch import parts_of, sketch
from designer.start_page import template_file
from runtime.document import Document
from runtime.files import save_graph
from runtime.graph import Graph, Node, Wire
from runtime.templates import graph_of, known

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
USUAL = [entry for entry in known() if entry.name in ("image-classifier", "lenet", "u-net", "gan", "dcgan")]


def chain(rows: int, skips: tuple[tuple[int, int], ...] = ()) -> Graph:
    """Rows of ReLU, one below the other, with wires past some of them."""
    made = {f"n{row}": Node(f"n{row}", "relu", f"n{row}", {}, (0.0, 40.0 * row)) for row in range(rows)}
    steps = [*((row, row + 1) for row in range(rows - 1)), *skips]
    return Graph(made, tuple(Wire(f"n{begin}", "out", f"n{end}", "image") for begin, end in steps))


@pytest.fixture
def many(qtbot, window, tmp_path):
    """A gallery of forty templates in a page that scrolls."""
    usual = USUAL
    templates = [replace(usual[place % len(usual)], name=f"{place}", title=f"Network {place}") for place in range(40)]
    for place in range(40):
        shutil.copy(template_file(usual[place % len(usual)].name), tmp_path / f"{place}.netloom")
    reader = Reader(window)
    gallery = Gallery(templates, lambda name: tmp_path / f"{name}.netloom", reader)
    gallery.reader = reader
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(gallery)
    qtbot.addWidget(area)
    area.resize(1040, 600)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is area)
    gallery.area = area
    return gallery


def colours(widget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


# Pictures


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
def test_that_every_template_is_shown_with_bars_in_the_colours_of_its_categories(qtbot, window, scheme):
    theme.apply(QApplication.instance(), scheme)
    window.resize(1440, 2000)
    for template in known():
        card = window.start.cards[template.name]
        window.start.area.ensureWidgetVisible(card)
        qtbot.waitUntil(lambda card=card: card.picture.seen is not None)
        wanted = {theme.category_color(bar.category) for bar in card.picture.seen.sketch.bars}
        assert wanted <= colours(card.picture), template.name
        assert QColor(theme.Theme.current().canvas).name() in colours(card.picture)


def test_that_a_wire_that_passes_others_runs_at_the_side_and_longer_ones_further_out():
    drawn = sketch(chain(8, skips=((1, 6), (2, 5))))
    ways = [(line.way, line.lane) for line in drawn.lines if line.way != "straight"]
    assert ways == [("right", 1), ("right", 0)]
    assert len([line for line in drawn.lines if line.way == "straight"]) == 7
    assert drawn.pieces[0].right == 2


def test_that_what_a_loss_compares_with_runs_on_the_left_in_one_lane():
    drawn = sketch(graph_of("lenet"))
    left = [line for line in drawn.lines if line.way == "left"]
    assert len(left) == 3
    assert {line.lane for line in left} == {0}


def test_that_a_drawing_of_many_rows_is_cut_into_columns_that_hold_all_of_it():
    drawn = sketch(chain(170))
    assert len(drawn.pieces) == 3
    assert len(drawn.bars) == 170
    assert max(piece.height for piece in drawn.pieces) <= 60
    assert len([line for line in drawn.lines if line.way == "over"]) == 2


def test_that_an_empty_drawing_and_unknown_nodes_and_backward_wires_can_be_pictured():
    assert sketch(Graph()).bars == ()
    odd = Graph({"a": Node("a", "from-the-future", "A"), "b": Node("b", "relu", "B", {}, (0.0, 90.0))},
                (Wire("b", "out", "a", "in"), Wire("a", "out", "b", "image")))  # fmt: skip
    drawn = sketch(odd)
    assert drawn.bars[0].category is None
    assert [line.way for line in drawn.lines] == ["right", "straight"]


def test_that_only_pictures_that_come_into_sight_are_read(qtbot, many):
    qtbot.waitUntil(lambda: bool(many.reader.known) and not many.reader.busy)
    assert many.cards["0"].picture.seen is not None
    assert many.cards["38"].picture.seen is None
    many.area.verticalScrollBar().setValue(many.area.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: many.cards["38"].picture.seen is not None)


# Sizes


def test_that_layers_and_parameters_are_told_as_far_as_they_follow_without_data(qtbot, window):
    card = window.start.cards["lenet"]
    qtbot.waitUntil(lambda: "parameters" in card.counts.text())
    assert card.counts.text().startswith("5 layers")
    assert "two classes" in card.toolTip()
    assert card.counts.text() in card.accessibleDescription()


def test_that_a_drawing_that_is_not_whole_tells_only_its_nodes():
    document = Document()
    with document.edit("Draw"):
        document.add("convolution")
    counts = sizes(document.graph())
    assert (counts.nodes, counts.layers, counts.parameters) == (1, None, None)


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7"), (940, "940"), (61_706, "61.7 k"), (999_999, "1 M"), (23_508_032, "23.5 M")]
)
def test_that_counts_are_said_in_three_digits(count, text):
    assert short_count(count) == text


# Choosing


def test_that_a_card_is_chosen_with_the_mouse_and_with_enter(qtbot, window):
    qtbot.mouseClick(window.start.cards["u-net"], LEFT)
    assert any(node.type == "dice_cross_entropy" for node in window.project.document.nodes.values())
    window.project.new()
    window.show_start()
    window.start.cards["lenet"].setFocus()
    qtbot.keyClick(window.start.cards["lenet"], Key.Key_Return)
    assert window.current == "data"
    window.project.new()
    window.show_start()
    qtbot.keyClick(window.start.cards[""], Key.Key_Space)
    assert window.current == "design"
    assert not window.project.document.nodes


def test_that_the_texts_of_a_template_explain_it_in_one_line_and_in_two_sentences(window):
    for template in known():
        card = window.start.cards[template.name]
        assert template.purpose
        assert len(template.purpose) <= 60
        assert template.says.count(". ") == 1
        assert card.toolTip().startswith(template.says)
        assert card.accessibleName() == f"{template.title}. {template.purpose}"
        assert {"1-D", "2-D", "3-D"} & set(template.tags)


def test_that_a_handful_of_templates_needs_no_search(qtbot, window):
    few = Gallery(known()[:HANDFUL], template_file, Reader(window))
    qtbot.addWidget(few)
    few.show()
    assert not few.search.isVisible()
    assert not few.chips.isVisible()
    assert window.start.gallery.search.isVisible()


def test_that_templates_stand_below_the_title_of_their_task(window):
    window.resize(1440, 900)
    QApplication.processEvents()
    gallery = window.start.gallery
    titles = {task: title.y() for task, title in gallery._titles.items()}
    assert list(titles.values()) == sorted(titles.values())
    for card in gallery.cards.values():
        above = [task for task, y in titles.items() if y < card.y()]
        assert above[-1] == card.template.task
    gallery.search.setText("u-net")
    assert not gallery._titles["generation"].isVisible()
    assert gallery._titles["segmentation"].isVisible()


def test_that_a_template_that_is_looked_at_is_explained_with_its_paper(window):
    window.resize(1440, 900)
    QApplication.processEvents()
    explanation = window.start.explanation
    assert not explanation.isVisible()
    for card in window.start.cards.values():
        card.setFocus()
        entry = card.template
        assert explanation.isVisible()
        assert explanation.title.text() == entry.title
        assert explanation.idea.text() == (entry.idea or entry.says)
        assert entry.link in explanation.paper.text()
        assert all(step in explanation.next.text() for step in entry.next)


def test_that_every_template_tells_its_idea_its_paper_and_what_to_try_next():
    for entry in known():
        assert entry.idea.endswith("."), entry.name
        assert entry.paper.endswith((".", ")")), entry.name
        assert entry.link.startswith(("https://doi.org/", "https://arxiv.org/abs/")), entry.name
        assert len(entry.next) >= 2, entry.name


def test_that_typing_finds_templates_and_escape_shows_all_again(qtbot, many):
    many.search.setFocus()
    qtbot.keyClicks(many.search, "Network 17 outlines")
    assert [card.template.title for card in many.shown()] == ["Network 17"]
    qtbot.keyClick(many.search, Key.Key_Escape)
    assert len(many.shown()) == 41


def test_that_what_nobody_offers_leaves_a_way_back(qtbot, many):
    qtbot.keyClicks(many.search, "weather")
    assert many.shown() == []
    assert many.nothing.isVisible()
    qtbot.mouseClick(many.nothing.all, LEFT)
    assert len(many.shown()) == 41
    assert not many.nothing.isVisible()


def test_that_chips_narrow_by_task_together_with_what_is_typed(qtbot, many):
    qtbot.mouseClick(many.chips.buttons["segmentation"], LEFT)
    assert {card.template.task for card in many.shown()} == {"segmentation"}
    qtbot.mouseClick(many.chips.buttons["regression"], LEFT)
    assert many.shown() == []
    qtbot.mouseClick(many.chips.buttons["segmentation"], LEFT)
    qtbot.keyClicks(many.search, "lecun")
    assert {USUAL[int(card.template.name) % len(USUAL)].name for card in many.shown()} == {"lenet"}


def test_that_arrows_walk_the_cards_from_the_search_and_back_and_bring_them_into_sight(qtbot, many):
    columns = many.flow.columns(many.flow.geometry().width())
    assert columns > 1
    many.search.setFocus()
    order = list(many.cards)
    for key, place in ((Key.Key_Down, 0), (Key.Key_Right, 1), (Key.Key_Down, 1 + columns), (Key.Key_Left, columns),
                       (Key.Key_End, 40), (Key.Key_Right, 40), (Key.Key_Home, 0)):  # fmt: skip
        qtbot.keyClick(QApplication.focusWidget(), key)
        card = many.cards[order[place]]
        assert QApplication.focusWidget() is card
        assert not card.visibleRegion().isEmpty()
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Up)
    assert QApplication.focusWidget() is many.search


def test_that_enter_in_the_search_leads_to_the_first_card_that_fits_and_enter_there_chooses_it(qtbot, many):
    many.search.setFocus()
    qtbot.keyClicks(many.search, "network 17")
    qtbot.keyClick(many.search, Key.Key_Return)
    with qtbot.waitSignal(many.chosen) as told:
        qtbot.keyClick(QApplication.focusWidget(), Key.Key_Return)
    assert told.args == ["17"]


@pytest.mark.parametrize("size", [(900, 600), (1000, 640), (1440, 900), (2200, 1200)])
def test_that_nothing_of_the_start_page_overlaps_or_is_cut_off(qtbot, window, make_project, size):
    remember.remember_project(make_project())
    window.resize(*size)
    window.show_start()
    QApplication.processEvents()
    pages = [*window.start.cards.values(), *window.start.recents.rows, window.start.news]
    places = [page.rect().translated(page.mapTo(window.start, page.rect().topLeft())) for page in pages]
    for index, place in enumerate(places):
        assert place.left() >= 0
        assert place.right() <= window.start.width()
        assert not any(place.intersects(other) for other in places[:index])


# Recent projects


def test_that_a_recent_project_has_a_picture_its_folder_and_when_it_was_opened(qtbot, open_window, make_project):
    file = make_project()
    window = open_window(file)
    window.show_start()
    (row,) = window.start.recents.rows
    qtbot.waitUntil(lambda: row.picture.seen is not None)
    assert len(row.picture.seen.sketch.bars) == len(parts_of(window.project.document.graph()))
    assert row.open.accessibleName().startswith(f"discs, {file.parent}, opened ")
    window.project.new()
    qtbot.mouseClick(row.open, LEFT)
    assert window.project.path == file


def test_that_a_long_name_of_a_project_is_cut_with_a_sign_and_whole_in_the_tip(open_window, make_project):
    file = make_project()
    long = file.rename(file.with_name("the second try with the scans of a long winter, without the early ones.netloom"))
    window = open_window(long)
    window.show_start()
    QApplication.processEvents()
    (row,) = window.start.recents.rows
    assert row.title.text().endswith("…")
    assert row.title.fontMetrics().horizontalAdvance(row.title.text()) <= row.title.contentsRect().width()
    assert long.stem in row.open.toolTip()


def test_that_a_project_that_is_gone_says_so_and_is_taken_off_the_list(qtbot, window, make_project):
    kept, gone = make_project(), make_project().with_name("gone.netloom")
    remember.remember_project(kept)
    remember.remember_project(gone)
    window.show_start()
    row = window.start.recents.rows[0]
    qtbot.waitUntil(lambda: "not there any more" in row.state.text())
    assert "moved, renamed or deleted" in row.open.accessibleDescription()
    qtbot.mouseClick(row.remove, LEFT)
    assert [entry.path for entry in remember.opened()] == [kept]
    assert len(window.start.recents.rows) == 1
    assert kept.exists()


def test_that_taking_a_project_off_the_list_leaves_its_file(qtbot, window, make_project):
    file = make_project()
    remember.remember_project(file)
    window.show_start()
    row = window.start.recents.rows[0]
    row.remove.setFocus()
    qtbot.keyClick(row.remove, Key.Key_Space)
    assert file.exists()
    assert remember.opened() == []
    assert not window.start.recents.isVisible()


def test_that_a_damaged_project_keeps_its_place_and_says_why_it_has_no_picture(tmp_path):
    file = tmp_path / "torn.netloom"
    file.write_text("{")
    seen = look_at(file)
    assert seen.sketch is None
    assert "torn.netloom" in seen.wrong


def test_that_the_picture_follows_a_project_that_was_saved_anew(qtbot, window, make_project):
    file = make_project()
    remember.remember_project(file)
    window.show_start()
    row = window.start.recents.rows[0]
    qtbot.waitUntil(lambda: row.picture.seen is not None)
    save_graph(chain(3), file)
    window.show_start()
    again = window.start.recents.rows[0]
    qtbot.waitUntil(lambda: again.picture.seen is not None and len(again.picture.seen.sketch.bars) == 3)


def test_that_a_list_written_before_times_were_kept_is_read(make_project):
    file = make_project()
    remember.settings().setValue("recent", [str(file)])
    assert [(entry.path, entry.when) for entry in remember.opened()] == [(file, None)]


# What is new


def test_that_the_list_of_news_is_about_things_that_exist(window):
    text = json.loads(resources.path("whats_new.json").read_text(encoding="utf-8"))
    assert text["version"]
    for entry in read_news().entries:
        assert entry.says.endswith(".")
        assert entry.where
        assert not entry.practice or entry.practice in PRACTICE
    for entry in window.start.news.shown:
        for name in filter(None, (entry.command, entry.needs)):
            assert window.findChild(QAction, name) is not None


def test_that_an_entry_runs_its_command_from_the_start_page(qtbot, window):
    window.resize(1500, 900)
    QApplication.processEvents()
    qtbot.mouseClick(window.start.news.buttons["Statistics of the network"], LEFT)
    assert window.current == "design"
    assert window.design.shows_statistics


def test_that_practice_data_are_begun_from_the_news(qtbot, window):
    window.resize(1500, 900)
    QApplication.processEvents()
    with qtbot.waitSignal(window.start.practice_chosen) as told:
        qtbot.mouseClick(window.start.news.buttons["Practice data with lesions"], LEFT)
    assert told.args == ["lesion"]
    window.data.close_down()


def test_that_news_that_were_closed_come_back_with_the_next_version(qtbot, window):
    assert window.start.news.isVisible()
    qtbot.mouseClick(window.start.news.close_button, LEFT)
    assert not window.start.news.isVisible()
    window.show_start()
    assert not window.start.news.isVisible()
    later = News(replace(read_news(), version="later"))
    later.setParent(window)
    later.refresh()
    assert later.wanted


def test_that_a_narrow_window_keeps_the_news_shut_until_they_are_asked_for(qtbot, window):
    window.resize(900, 600)
    QApplication.processEvents()
    news = window.start.news
    assert not news.body.isVisible()
    qtbot.mouseClick(news.open, LEFT)
    assert news.body.isVisible()
    window.resize(1500, 900)
    QApplication.processEvents()
    assert news.body.isVisible()
    assert not news.open.isVisible()
