"""The cases of a run on the Train workspace: cards, the slider over epochs, what is said when there is nothing."""

import gc

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer import theme
from designer.training.case_picture import CasePicture
from designer.training.case_words import said_of
from designer.training.cases_panel import CasesPanel
from designer.training.history import History
from designer.training.share_bars import percent
from runtime.events import Epoch, Started, line
from runtime.files import load_graph
from runtime.job import make_job
from runtime.runs import create_run, default_run_folder
from runtime.seen_cases import SeenCase, SeenCases, SeenHistory, read_cases

SOON = 20_000
GREY = np.full((40, 30), 128, np.uint8)


def square(left, right):
    mask = np.zeros((40, 30), np.uint8)
    mask[10:30, left:right] = 1
    return mask


class Written:
    """A run folder whose worker writes an epoch after the other."""

    def __init__(self, folder, task, classes, truths, planned=20, unit=""):
        folder.mkdir(exist_ok=True)
        self.folder, self.history = folder, History.of([Started(planned, 3, "cpu", 10, {"validation": 2})])
        self._file = SeenHistory(folder)
        picture = None if task == "generated" else GREY
        cases = [SeenCase(f"File {number}", picture, truth) for number, truth in enumerate(truths, 1)]
        self._file.begin(task, classes, planned, cases, unit)

    def tell(self, epoch, *answers):
        self._file.add(epoch, answers)
        self._file.write()
        self.history.take(Epoch(epoch, {"train_loss": 1.0}, 1.0))


@pytest.fixture
def panel(qtbot, qapp):
    theme.apply(qapp, Qt.ColorScheme.Dark)
    made = CasesPanel()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close_down()


def shown(qtbot, panel, run, epochs):
    panel.show_run(run.folder, run.history)
    qtbot.waitUntil(lambda: tuple(panel.seen.epochs) == epochs, timeout=SOON)


def sure(share):
    return tuple(sorted(((0, 1 - share), (1, share)), key=lambda entry: -entry[1]))


def test_that_a_run_that_was_trained_shows_its_cases_and_arrow_keys_go_through_its_epochs(
    qtbot, open_window, make_project, monkeypatch
):
    from runtime import case_facts
    from runtime.train import train

    monkeypatch.setattr(case_facts, "_LEAST_S", 0.0)
    monkeypatch.setattr(case_facts, "RATIO", 0.0)
    project = make_project(epochs=3)
    run = create_run(make_job(load_graph(project).graph, default_run_folder(project), device="cpu"))
    for event in train(run.job):
        with run.events_file.open("a", encoding="utf-8") as file:
            file.write(line(event, 0.0) + "\n")
    window = open_window(project)
    window.show_workspace("train")
    qtbot.mouseClick(window.training.views.buttons["cases"], Qt.MouseButton.LeftButton)
    cases = window.training.cases
    qtbot.waitUntil(lambda: len(cases.cards) > 1, timeout=SOON)
    assert cases.told.text() == "Epoch 3 of 3"
    before = [card.accessibleName() for card in cases.cards]
    assert all(name.startswith("File ") and ("Right" in name or "Wrong" in name) for name in before)
    cases.slider.setFocus()
    QTest.keyClick(cases.slider, Qt.Key.Key_Left)
    QTest.keyClick(cases.slider, Qt.Key.Key_Left)
    assert cases.told.text() == "Epoch 1 of 3"
    assert [card.accessibleName() for card in cases.cards] != before
    QTest.keyClick(cases.slider, Qt.Key.Key_End)
    assert [card.accessibleName() for card in cases.cards] == before


def test_that_the_newest_epoch_is_followed_until_an_earlier_one_is_looked_at(qtbot, panel, tmp_path):
    run = Written(tmp_path / "run", "classification", ("ill", "well"), [(0,), (1,)])
    run.tell(1, sure(0.9), sure(0.7))
    shown(qtbot, panel, run, (1,))
    run.tell(2, sure(0.3), sure(0.9))
    shown(qtbot, panel, run, (1, 2))
    assert panel.told.text() == "Epoch 2 of 20"
    cards = list(panel.cards)
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_Left)
    run.tell(3, sure(0.2), sure(0.9))
    shown(qtbot, panel, run, (1, 2, 3))
    assert panel.told.text() == "Epoch 1 of 20"
    assert panel.cards == cards
    QTest.keyClick(panel.slider, Qt.Key.Key_End)
    run.tell(4, sure(0.1), sure(0.9))
    shown(qtbot, panel, run, (1, 2, 3, 4))
    assert panel.told.text() == "Epoch 4 of 20"
    assert gc.isenabled()


def test_that_right_and_wrong_are_said_in_words_with_the_probabilities(qtbot, panel, tmp_path):
    run = Written(tmp_path / "run", "classification", ("ill", "well"), [(0,), (0,)])
    run.tell(1, sure(0.1), sure(0.8))
    shown(qtbot, panel, run, (1,))
    assert [card.said.text() for card in panel.cards] == ["✓ Right: ill", "✗ Wrong: well"]
    assert panel.cards[1].accessibleName() == "File 2. ✗ Wrong: well. well: 80 %. ill (true): 20 %"
    assert not panel.filled.isVisible()


def test_that_masks_are_filled_and_outlined_and_each_can_be_hidden(qtbot, panel, tmp_path):
    run = Written(tmp_path / "run", "segmentation", ("background", "lesion"), [square(5, 15), square(0, 0)])
    run.tell(1, square(5, 25), square(0, 0))
    shown(qtbot, panel, run, (1,))
    assert panel.cards[0].said.text() == "Dice: lesion 0.67"
    assert panel.cards[1].said.text() == "✓ Nothing is there, nothing was found"
    assert "lesion" in panel.legend.text()
    picture = panel.cards[0].picture
    both = seen_colors(picture)
    assert len(both) > len(seen_colors(panel.cards[1].picture))
    panel.filled.setFocus()
    QTest.keyClick(panel.filled, Qt.Key.Key_Space)
    assert not panel.filled.isChecked()
    only_true = seen_colors(picture)
    QTest.keyClick(panel.outlined, Qt.Key.Key_Space)
    assert seen_colors(picture) == seen_colors(panel.cards[1].picture) != only_true


def seen_colors(picture: CasePicture) -> set[str]:
    image = picture.grab().toImage()
    places = ((x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return {QColor(image.pixel(x, y)).name() for x, y in places}


def test_that_numbers_stand_beside_each_other_and_pictures_too(qtbot, panel, tmp_path):
    run = Written(tmp_path / "numbers", "regression", (), [11.8])
    run.tell(1, 12.3)
    shown(qtbot, panel, run, (1,))
    assert (panel.cards[0].said.text(), panel.cards[0].more.text()) == ("predicted 12.3, true 11.8", "0.5 too high")
    other = Written(tmp_path / "pictures", "image", (), [GREY])
    other.tell(2, GREY // 2)
    shown(qtbot, panel, other, (2,))
    names = [one.accessibleName() for one in panel.cards[0].findChildren(CasePicture) if one.isVisible()]
    assert names == ["Given", "Answered", "Wanted"]


def test_that_numbers_have_the_unit_that_is_known(qtbot, panel, tmp_path):
    run = Written(tmp_path, "regression", (), (12.5,), unit="mm")
    run.tell(1, 13.0)
    shown(qtbot, panel, run, (1,))
    (card,) = panel.cards
    assert (card.said.text(), card.more.text()) == ("predicted 13, true 12.5\xa0mm", "0.5\xa0mm too high")


def test_that_what_is_made_of_noise_is_seen_as_it_gets_better(qtbot, panel, tmp_path):
    run = Written(tmp_path, "generated", (), (None, None))
    for epoch in (1, 2):
        run.tell(epoch, GREY, GREY // epoch)
    shown(qtbot, panel, run, (1, 2))
    assert len(panel.cards) == 2
    assert panel.cards[1].picture._image.pixelColor(3, 3).red() == 64
    assert not panel.cards[0].said.isVisible()
    assert "same noise in every epoch" in panel.legend.text()
    assert panel.legend.isVisible()
    assert not panel.filled.isVisible()
    panel.slider.setValue(0)
    assert panel.cards[1].picture._image.pixelColor(3, 3).red() == 128


def test_that_a_place_without_cases_says_why(qtbot, panel, tmp_path):
    panel.show_run(None, History())
    assert panel.currentWidget() is panel.empty
    assert "After the first epoch" in panel.empty.says.text()
    panel.show_run(tmp_path, History.of([Epoch(1, {"train_loss": 1.0}, 1.0)]))
    assert "kept no cases" in panel.empty.title.text()
    (tmp_path / "cases.json").write_text("{", encoding="utf-8")
    with qtbot.waitSignal(panel.reader.came, timeout=SOON):
        panel.show_run(tmp_path, History.of([Epoch(1, {"train_loss": 1.0}, 1.0)]))
    assert panel.currentWidget() is panel.empty


def test_that_another_run_is_not_shown_with_the_cases_of_the_one_before(qtbot, panel, tmp_path):
    first = Written(tmp_path / "first", "regression", (), [1.0, 2.0])
    first.tell(1, 1.0, 2.0)
    shown(qtbot, panel, first, (1,))
    panel.show_run(tmp_path / "empty", History())
    assert panel.cards == []
    assert panel.currentWidget() is panel.empty


@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
def test_that_verdicts_follow_the_appearance(qtbot, panel, tmp_path, scheme):
    run = Written(tmp_path / "run", "classification", ("ill", "well"), [(0,)])
    run.tell(1, sure(0.1))
    shown(qtbot, panel, run, (1,))
    now = theme.apply(QApplication.instance(), scheme)
    panel.dress()
    said = panel.cards[0].said
    said.ensurePolished()
    assert said.palette().color(QPalette.ColorRole.WindowText) == QColor(now.good)


@pytest.mark.parametrize("width", [560, 800, 1200])
def test_that_nothing_of_a_card_is_cut_off_at_any_width(qtbot, panel, tmp_path, width):
    long = "a class with a very long name that no card has room for"
    run = Written(tmp_path / "run", "classification", (long, "well"), [(0,), (1,), (0,)])
    run.tell(1, sure(0.1), sure(0.2), sure(0.9))
    shown(qtbot, panel, run, (1,))
    panel.resize(width, 700)
    qtbot.waitUntil(lambda: panel.area.viewport().width() <= width)
    QApplication.processEvents()
    for card in panel.cards:
        inside = card.rect()
        assert card.said.height() >= card.said.heightForWidth(card.said.width())
        assert inside.contains(card.said.geometry())
        assert inside.contains(card.bars.geometry())
        assert card.geometry().right() <= panel.area.viewport().width()


def test_what_is_said_of_several_labels_and_of_masks_that_miss():
    case = SeenCase("File 1", GREY, (1,))
    said = said_of("several labels", ("a", "b"), case, ((0, 0.9), (1, 0.2)))
    assert (said.text, said.more, said.verdict) == ("✗ Wrong: a", "true: b", "wrong")
    masked = SeenCase("File 1", GREY, square(5, 10))
    assert said_of("segmentation", ("a", "b"), masked, square(0, 0)).text == "✗ Nothing found of: b"
    empty = SeenCase("File 1", GREY, square(0, 0))
    assert said_of("segmentation", ("a", "b"), empty, square(1, 2)).text == "✗ Found, but not there: b"


def test_that_a_probability_is_never_rounded_to_a_certainty():
    assert [percent(value) for value in (0.0, 0.004, 0.5, 0.996, 1.0)] == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]


def test_that_a_folder_without_the_file_has_no_cases(tmp_path):
    assert read_cases(tmp_path) == SeenCases()
