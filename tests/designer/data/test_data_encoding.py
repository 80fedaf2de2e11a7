"""How a table of labels is written can be named in the Data workspace."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel

LONG = 60_000


@pytest.fixture
def greek(tmp_path):
    """Pictures with a table in Greek letters of one byte each, chosen in the workspace."""
    rows = ["file,label"]
    for number in range(6):
        picture = np.random.default_rng(number).integers(0, 255, (16, 16), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{'υγιής' if number % 2 else 'νόσος'}")
    (tmp_path / "labels.csv").write_bytes("\n".join(rows).encode("iso8859-7"))
    return tmp_path


def classes(qtbot, workspace):
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    return [row[0] for row in workspace.facts.classes.content.rows]


def answer_next(name):
    """Answer the next question for an encoding with `name`; None takes the question back."""

    def look():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QInputDialog):
            QTimer.singleShot(20, look)
        elif name is None:
            dialog.reject()
        else:
            dialog.setTextValue(name)
            dialog.accept()

    QTimer.singleShot(20, look)


def ask_encoding(qtbot, box):
    """Open the list and take the entry with the keyboard."""
    box.showPopup()
    entries = box.view()
    entries.setCurrentIndex(entries.model().index(box.findText("encoding of the table …"), 0))
    qtbot.keyClick(entries, Qt.Key.Key_Return)


@pytest.mark.slow
def test_that_the_encoding_of_a_table_is_named_by_hand_and_taken_back(qtbot, workspace, greek):
    workspace.open_folder(greek)
    workspace.bar.choose_labels("labels.csv")
    assert classes(qtbot, workspace) == ["νόσος", "υγιής"]
    box = workspace.bar.labels_choice
    for named, chosen, read in (
        ("cp1251", "labels.csv@cp1251", ["ньупт", "хгйЮт"]),
        (None, "labels.csv@cp1251", ["ньупт", "хгйЮт"]),
        ("found by itself", "labels.csv", ["νόσος", "υγιής"]),
    ):
        answer_next(named)
        ask_encoding(qtbot, box)
        assert (workspace.bar.labels, box.currentText()) == (chosen, chosen)
        assert classes(qtbot, workspace) == read


@pytest.mark.slow
def test_that_an_encoding_nobody_knows_is_refused_in_words(qtbot, workspace, greek):
    workspace.open_folder(greek)
    workspace.bar.choose_labels("labels.csv")
    classes(qtbot, workspace)
    answer_next("klingon")
    ask_encoding(qtbot, workspace.bar.labels_choice)
    assert classes(qtbot, workspace) == []
    shown = " ".join(one.text() for one in workspace.facts.findChildren(QLabel) if one.isVisible())
    assert "“klingon” is no known encoding" in shown
