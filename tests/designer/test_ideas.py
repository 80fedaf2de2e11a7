"""The picture of the idea behind each template: it can be painted, stays on its sheet, and its numbers are true."""

import re

import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from designer import theme
from designer.canvas.comment_item import height_of
from designer.gallery.idea import IdeaPicture, letters, marks_of, paint_idea
from runtime.document import Document
from runtime.graph import Node
from runtime.idea import SHEET, Mark, read_mark, written
from runtime.templates import graph_of, known

NAMES = [entry.name for entry in known()]


def painted(name: str, scale: float = 1.0) -> QImage:
    """The picture on the ground of a panel."""
    image = QImage(QSize(*SHEET) * scale, QImage.Format.Format_RGB32)
    image.fill(theme.Theme.current().panel)
    painter = QPainter(image)
    paint_idea(painter, QRectF(image.rect()), name, theme.Theme.current())
    painter.end()
    return image


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
def test_that_every_template_has_a_picture_that_is_painted_in_light_and_dark(qtbot, scheme):
    theme.apply(QApplication.instance(), scheme)
    for name in NAMES:
        assert len(colours(painted(name))) > 20, name


@pytest.mark.parametrize("name", NAMES)
def test_that_nothing_of_a_picture_stands_outside_of_its_sheet(qtbot, name):
    for mark in marks_of(name):
        wide = max((QFontMetricsF(letters(mark.role == "accent")).horizontalAdvance(line)
                    for line in mark.text.split("\n")), default=0.0)  # fmt: skip
        if mark.kind in ("text", "left"):
            left = mark.at[0] - (wide / 2 if mark.kind == "text" else 0)
            assert left >= 0, mark
            assert left + wide <= SHEET[0], mark
        elif mark.kind == "box":
            assert wide <= mark.at[2], mark
        ends = mark.at[:2] if mark.kind in ("dot", "sign", "text", "left") else mark.at[:4]
        if mark.kind not in ("line", "dashed", "arrow", "curve", "arc", "dot", "sign", "text", "left"):
            ends = (*mark.at[:2], mark.at[0] + mark.at[2], mark.at[1] + mark.at[3])
        assert all(0 <= x <= SHEET[0] for x in ends[::2]), mark
        assert all(0 <= y <= SHEET[1] for y in ends[1::2]), mark


def test_that_pictures_differ_from_template_to_template():
    same = [
        (one, other) for place, one in enumerate(NAMES) for other in NAMES[:place] if marks_of(one) == marks_of(other)
    ]
    assert not same


def test_that_a_mark_is_read_as_it_was_written_and_a_wrong_one_is_refused_in_words():
    mark = Mark("maps", "convolution", (1.0, 2.5, 3.0, 4.0), "64@112")
    assert read_mark(written(mark)) == mark
    for line, said in (
        ("cloud text 1 2", "no kind of mark"),
        ("box text 1 2", "takes 4"),
        ("dot text 1 2 x", "no numbers"),
    ):
        with pytest.raises(ValueError, match=said):
            read_mark(line)


def test_that_the_picture_of_a_panel_is_no_wider_than_asked_for_and_none_is_hidden(qtbot):
    picture = IdeaPicture(320)
    qtbot.addWidget(picture)
    picture.show_template("u-net")
    assert picture.sizeHint() == QSize(320, 150)
    assert not picture.isHidden()
    picture.show_template("")
    assert picture.isHidden()


def test_that_a_template_brings_its_explanation_along_as_a_note_with_the_picture():
    for entry in known():
        notes = [node for node in graph_of(entry.name).nodes.values() if node.settings.get("picture")]
        assert len(notes) == 1, entry.name
        text = str(notes[0].settings["text"])
        assert notes[0].settings["picture"] == entry.name
        assert all(part in text for part in (entry.idea, entry.primer, entry.paper, entry.link, *entry.next)), (
            entry.name
        )


def test_that_the_note_of_a_template_is_high_enough_for_its_picture_and_its_text(qtbot):
    for entry in known():
        (note,) = (node for node in graph_of(entry.name).nodes.values() if node.settings.get("picture"))
        width, height = (float(side) for side in note.settings["size"])
        assert height_of(str(note.settings["text"]), width, entry.name) <= height + 40, entry.name


def test_that_a_note_without_a_picture_is_as_it_was():
    document = Document()
    with document.edit("Write"):
        node_id = document.add("comment")
    assert isinstance(document.nodes[node_id], Node)
    assert height_of("One line", 200.0) == height_of("One line", 200.0, "no such template")


def test_that_primers_are_told_in_a_sentence_or_two():
    for entry in known():
        assert entry.primer.endswith("."), entry.name
        assert 60 <= len(entry.primer) <= 260, entry.name
        assert len(re.findall(r"[.?!](?= |$)", entry.primer)) <= 3, entry.name
