"""The commands: one list for menus, shortcuts and the command palette."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QWidget

from designer.actions import Actions, Command, fuzzy


def test_that_a_command_that_cannot_be_done_is_disabled_and_says_why(qtbot):
    parent, reasons, done = QWidget(), ["There is nothing to save."], []
    qtbot.addWidget(parent)
    actions = Actions(parent)
    actions.add(Command("save", "Save", "File", lambda: done.append(1), "Ctrl+S", why_not=lambda: reasons[0]))
    assert not actions["save"].isEnabled()
    assert "There is nothing to save." in actions["save"].toolTip()
    assert not actions.trigger("save")
    reasons[0] = ""
    actions.refresh()
    assert actions["save"].isEnabled()
    actions["save"].trigger()
    assert done == [1]


@pytest.mark.parametrize("typed", ["sa", "save as", "SVS"])
def test_that_letters_in_their_order_find_a_command(typed):
    assert fuzzy(typed, "Save as …") is not None


def test_that_letters_in_another_order_find_nothing():
    assert fuzzy("evas", "Save as …") is None


def test_that_beginnings_of_words_are_better_hits_than_letters_in_between():
    assert fuzzy("tr", "Train") < fuzzy("tr", "Stop training")


def test_that_no_two_commands_share_a_shortcut(window):
    keys = [key.toString() for command in window.actions_ for key in window.actions_[command.id].shortcuts()]
    assert len(keys) == len(set(keys))


def test_that_no_shortcut_of_the_window_takes_a_key_from_the_canvas(window):
    canvas = {QKeySequence(key) for command in window.design.commands for key in command.keys}
    taken = [
        key.toString()
        for command in window.actions_
        for key in window.actions_[command.id].shortcuts()
        if key in canvas and command.id not in ("undo", "redo")
    ]
    assert taken == []


def test_that_every_disabled_button_and_command_says_why(window):
    for name in window.workspaces:
        window.show_workspace(name)
        silent = [button for button in window.findChildren(QAbstractButton) if not button.isEnabled()
                  and button.isVisible() and not button.toolTip()]  # fmt: skip
        assert silent == []
        for command in window.actions_:
            action = window.actions_[command.id]
            assert action.isEnabled() or action.statusTip()


def test_that_the_command_palette_finds_and_runs_a_command_by_keyboard(qtbot, window):
    window.show_workspace("data")
    window.actions_.trigger("palette")
    palette = window.palette_
    qtbot.waitUntil(palette.isVisible)
    qtbot.keyClicks(palette.search, "evaluate")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert window.current == "evaluate"
    assert not palette.isVisible()


def test_that_arrows_walk_through_the_command_palette_and_stop_at_its_ends(qtbot, window):
    window.actions_.trigger("palette")
    palette = window.palette_
    qtbot.keyClick(palette.search, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == 0
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    palette.hide()


def test_that_undo_names_what_it_takes_back(qtbot, window):
    document = window.project.document
    with document.edit("Add convolution"):
        document.add("convolution")
    window.project.analyse_now()
    assert window.actions_["undo"].text() == "Undo: Add convolution"
    window.actions_.trigger("undo")
    window.project.analyse_now()
    assert not document.nodes
    assert window.actions_["redo"].text() == "Redo: Add convolution"
