"""Everything that can be pressed or filled in has a name, and a place in the order of Tab."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QSlider,
    QTextEdit,
    QWidget,
)

from designer.data.practice import PRACTICE
from designer.inspector.fields import LineField
from designer.message_bar import MessageBar

PLACES = ("data", "design", "train", "evaluate", "deliver")
USED = (
    QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit, QAbstractItemView,
    QAbstractSlider, QGraphicsView,
)  # fmt: skip


def used_by_hand(place: QWidget) -> list[QWidget]:
    """The widgets that a person presses or fills in; not what Qt makes inside of them."""
    found = [widget for widget in place.findChildren(QWidget) if isinstance(widget, USED)]
    own = [widget for widget in found if not widget.objectName().startswith("qt_")]
    own = [widget for widget in own if not isinstance(widget, QScrollBar) and not _within_another(widget)]
    return [widget for widget in own if not _waits_for_its_words(widget)]


def _waits_for_its_words(widget: QWidget) -> bool:
    """A button of the message bar is hidden until a message offers something to press."""
    return isinstance(widget.parent(), MessageBar) and not widget.isVisible() and not widget.property("text")


def _within_another(widget: QWidget) -> bool:
    """Header sections, the list of a combo box and the line in a spin box are read with their owner."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QAbstractSpinBox | QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return False


def name_of(widget: QWidget) -> str:
    heard = QAccessible.queryAccessibleInterface(widget)
    return heard.text(QAccessible.Text.Name).strip() if heard is not None else ""


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"


def is_one_of_a_row(widget: QWidget) -> bool:
    """Whether arrow keys lead to it from another button of its group, as Qt does where one is pressed at a time."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    tab = Qt.FocusPolicy.TabFocus
    return group is not None and group.exclusive() and any(one.focusPolicy() & tab for one in group.buttons())


@pytest.fixture
def full_window(open_window, make_project):
    """A window with a project, every workspace shown once."""
    window = open_window(make_project())
    for node in list(window.project.document.nodes):
        window.design.go_to(node)
    for place in PLACES:
        window.show_workspace(place)
    return window


@pytest.mark.parametrize("place", [*PLACES, "window"])
def test_that_every_button_and_field_has_a_name_that_a_screen_reader_says(full_window, place):
    root = full_window if place == "window" else full_window.workspaces[place]
    widgets = used_by_hand(root)
    assert widgets
    assert [described(widget) for widget in widgets if not name_of(widget)] == []


def test_that_every_button_and_field_can_be_reached_with_the_keyboard(full_window):
    for place in PLACES:
        full_window.show_workspace(place)
        for widget in used_by_hand(full_window.workspaces[place]):
            if widget.isVisible() and widget.isEnabled() and not isinstance(widget, QSlider):
                if is_one_of_a_row(widget):
                    continue
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, described(widget)


def test_that_tab_visits_the_fields_of_the_data_workspace_as_they_are_read(full_window):
    full_window.show_workspace("data")
    bar = full_window.data.bar
    wanted = [bar.labels_choice, bar.patients, bar.choose_button]
    visited, widget = [], full_window.data.nextInFocusChain()
    while widget is not full_window.data:
        visited += [widget] if widget in wanted else []
        widget = widget.nextInFocusChain()
    assert visited == wanted


def test_that_an_empty_field_of_a_source_says_what_it_stands_for(full_window):
    source = next(node.id for node in full_window.project.document.nodes.values() if node.type == "image_folder")
    full_window.show_workspace("design")
    full_window.design.go_to(source)
    fields = full_window.design.inspector.findChildren(LineField)
    hints = {field.setting.name: field.line.placeholderText() for field in fields}
    size = "×".join(map(str, full_window.project.document.nodes[source].settings["found_size"]))
    assert hints["labels"] == "found by itself"
    assert hints["patients"] == "as the files say"
    assert hints["size"] == f"found: {size}"


@pytest.mark.parametrize("size", [(900, 600), (1280, 800)])
def test_that_nothing_of_the_start_page_is_cut_off_at_the_side(window, size):
    window.resize(*size)
    window.show_start()
    for card in window.start.cards.values():
        right = card.mapTo(window, card.rect().topRight()).x()
        assert 0 < right <= window.width(), card.accessibleName()


def test_that_no_row_of_buttons_makes_the_data_page_wider_than_a_small_window(window):
    window.show_workspace("data")
    assert window.data.pages.currentWidget() is window.data.empty
    assert window.data.minimumSizeHint().width() <= 1000


def test_that_the_cards_of_deliver_show_their_whole_text_in_a_small_window(window, qtbot):
    window.resize(900, 600)
    window.show_workspace("deliver")
    card = window.delivery.cards["onnx"]
    card.tell("\n".join(["A line that was written and checked."] * 6))
    qtbot.waitUntil(lambda: card.result.height() >= card.result.heightForWidth(card.result.width()))
    assert card.says.height() >= card.says.heightForWidth(card.says.width())


def test_that_practice_buttons_and_template_cards_explain_themselves(window):
    tips = {name: window.start.findChild(QPushButton, name).toolTip() for name in PRACTICE}
    assert len(set(tips.values())) == len(PRACTICE)
    assert all("The network learns to" in tip and "made-up patients" in tip for tip in tips.values())
    assert "Outlines a structure" in window.start.cards["u-net"].accessibleName()


def test_that_everything_on_the_start_page_has_a_name_and_can_be_reached(open_window, make_project):
    window = open_window(make_project())
    window.show_start()
    widgets = used_by_hand(window.start)
    assert [described(widget) for widget in widgets if not name_of(widget)] == []
    for widget in widgets:
        if widget.isVisible() and widget.isEnabled():
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, described(widget)


def test_that_arrow_keys_lead_along_a_row_of_which_tab_reaches_one(qtbot, full_window):
    full_window.activateWindow()
    qtbot.waitUntil(full_window.isActiveWindow)
    full_window.show_workspace("train")
    row = list(full_window.training.views.buttons.values())
    assert all(is_one_of_a_row(button) for button in row)
    row[0].setFocus()
    for button in row[1:]:
        QTest.keyClick(full_window.focusWidget(), Qt.Key.Key_Right)
        assert button.hasFocus() or full_window.focusWidget() is button
