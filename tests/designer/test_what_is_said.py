"""What the window says: whole, by name, and no longer than it is true."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from designer.message_bar import MessageBar
from designer.parts import Empty, counted
from tests.designer.hand import ALT, CTRL, Hand

Key = Qt.Key


@pytest.fixture
def hand(qtbot):
    return Hand(qtbot)


@pytest.mark.parametrize("workspace", ["data", "train", "evaluate"])
def test_that_an_empty_place_says_all_of_its_sentence(hand, workspace):
    hand.go(workspace)
    (empty,) = (one for one in hand.window.workspaces[workspace].findChildren(Empty) if one.isVisible())
    hand.until(lambda: empty.says.height() >= empty.says.heightForWidth(empty.says.width()))
    assert empty.says.text()


def test_that_what_was_said_of_one_workspace_goes_with_it_but_errors_stay(hand):
    hand.go("train")
    hand.window.say("Half of it is missing.", "warning")
    hand.press(Key.Key_2, ALT)
    assert not hand.window.messages.isVisible()
    hand.window.say("The disk is full.", "error")
    hand.go("data")
    assert hand.window.messages.text == "The disk is full."
    assert hand.window.messages.isVisible()


def test_that_an_empty_message_shows_nothing(hand):
    hand.window.say("Connecting “Dense” …")
    hand.window.say("")
    assert not hand.window.messages.isVisible()


def test_that_problems_of_several_nodes_are_told_apart_by_name(hand):
    hand.window.begin_with("lenet")
    hand.until(hand.problems)
    nodes = {node.name for node in hand.document.nodes.values()}
    assert all(any(name in text for name in nodes) for text in hand.problems())
    blockers = hand.window.training.blockers
    assert all(any(name in problem.message for name in nodes) for problem in blockers if problem.node)


def test_that_no_command_is_cut_off_in_the_list_of_commands(hand):
    hand.window.palette_.open()
    shown = hand.window.palette_.list
    QTest.keyClicks(hand.window.palette_.search, "folder")
    assert shown.header().length() <= shown.viewport().width()
    hand.window.palette_.hide()


def test_that_one_is_singular():
    assert counted(1, "patient") == "1 patient"
    assert counted(1200, "image") == "1\N{NARROW NO-BREAK SPACE}200 images"


def test_that_a_question_comes_back_behind_a_message_until_it_is_answered(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.say("One step was not saved.", "warning")
    bar.ask({"Recover": lambda: bar.say("1 step is back.", "good"), "Cancelled": lambda: None})

    def ways():
        return [one.text() for one in bar.findChildren(QPushButton) if not one.isHidden() and one.text()]

    def answer(title):
        next(one for one in bar.findChildren(QPushButton) if one.text() == title and not one.isHidden()).click()

    assert ways() == ["Recover", "Cancelled"]
    bar.say("Copied.")
    assert (bar.said, ways()) == ("Copied.", [])
    bar.leave()
    assert (bar.text, ways()) == ("One step was not saved.", ["Recover", "Cancelled"])
    answer("Cancelled")  # its button did nothing in the end
    bar.say("Copied.")
    bar.leave()
    assert (bar.text, ways()) == ("One step was not saved.", ["Recover", "Cancelled"])
    answer("Recover")
    assert (bar.said, ways()) == ("1 step is back.", [])
    bar.hide()
    assert bar.isHidden()


def test_that_why_a_wire_was_refused_stands_until_the_next_edit(hand):
    hand.go("design")
    first = hand.drag_from_palette("convolution", QPoint(300, 120))
    second = hand.drag_from_palette("convolution", QPoint(300, 300))
    hand.drag(hand.port(first, False, "out"), hand.port(second, True, "image") + QPoint(0, 2))
    assert len(hand.document.wires) == 1
    bar = hand.window.messages
    hand.drag(hand.port(second, False, "out"), hand.port(first, True, "image") + QPoint(0, 2))
    assert "loop" in bar.text
    assert bar.isVisible()
    QTest.qWait(50)
    hand.click(hand.view.viewport(), QPoint(20, 500))
    assert bar.isVisible()  # looking on changes nothing
    hand.drag(hand.place(second), hand.place(second) + QPoint(80, 40))
    assert not bar.isVisible()
    hand.window.say("Saved.", "good")
    QTest.qWait(50)
    hand.press(Key.Key_Z, CTRL)
    assert bar.text == "Saved."
    assert bar.isVisible()
