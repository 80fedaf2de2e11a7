"""The style sheet of the whole program, filled with the colours of one appearance."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from string import Template

_SHEET = Template("""
QToolTip { background: $field; color: $text; border: 1px solid $border; padding: 4px 8px; }
QSplitter::handle { background: $border; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit, QAbstractSpinBox {
    background: $field; color: $text; border: 1px solid $border; border-radius: 5px; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QComboBox, QAbstractSpinBox { min-height: 18px; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {
    border-color: $accent;
}
QLineEdit[wrong="true"], QComboBox[wrong="true"] { border-color: $error; }
QLineEdit:disabled, QComboBox:disabled { color: $faint; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$glyphs/chevron-down.svg"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: $panel; border: 1px solid $border; padding: 4px; outline: none;
    selection-background-color: $accent; selection-color: $on_accent;
}
QCheckBox { spacing: 8px; }
QCheckBox::indicator, QListView::indicator, QTreeView::indicator, QTableView::indicator {
    width: 15px; height: 15px; border: 1px solid $faint; border-radius: 4px; background: $field;
}
QTreeView::indicator:indeterminate { background: $border; border-color: $accent; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked,
QTableView::indicator:checked {
    background: $accent; border-color: $accent; image: url("$glyphs/check.svg");
}
QCheckBox::indicator:focus { border-color: $accent; }
QPushButton, QToolButton {
    background: $field; color: $text; border: 1px solid $border; border-radius: 5px; padding: 5px 12px;
}
QToolButton { padding: 4px 8px; }
QPushButton:hover, QToolButton:hover { border-color: $faint; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: $border; }
QPushButton:disabled, QToolButton:disabled { color: $faint; }
QToolButton[role="fold"] { background: transparent; border-color: transparent; padding: 3px 0; color: $muted; }
QToolButton[role="fold"]:hover { color: $text; }
QToolButton[role="fold"]:focus { border-color: $accent; }
QPushButton[fix="true"] { background: $panel; padding: 1px 12px; }
QPushButton[primary="true"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: bold; padding: 6px 20px;
}
QPushButton[primary="true"]:disabled { background: $border; border-color: $border; color: $muted; }
QListView, QTreeView, QTableView { background: $panel; border: none; outline: none; }
QListView::item { border-radius: 5px; }
QListView::item:hover { background: $field; }
QListView::item:selected { background: $field; color: $text; }
*[role="card"] QListView { background: transparent; }
*[role="card"] QListView::item:hover, *[role="card"] QListView::item:selected { background: $border; }
QHeaderView::section { background: $panel; color: $muted; border: none; padding: 4px 8px; }
QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
CommandPalette { border: 1px solid $border; }
QMenu { background: $panel; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
*[role="panel"] { background: $panel; }
*[role="card"] { background: $field; border: 1px solid $border; border-radius: 6px; }
*[role="line"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QLabel[role="small"] { color: $muted; font-size: ${small}px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="title"] { font-weight: bold; }
QLabel[verdict="right"] { color: $good; }
QLabel[verdict="wrong"] { color: $error; }
QLabel[role="wrong"] { color: $error; font-size: ${small}px; }
QLabel[role="warning"] { color: $warning; font-size: ${small}px; }
""")

_COLORS = (
    "panel", "field", "border", "text", "muted", "faint", "accent", "on_accent", "error", "warning", "good", "canvas",
)  # fmt: skip


def style_sheet(color: Callable[[str], str], normal: int, small: int) -> str:
    """The sheet with colours by name and the two text sizes in pixels."""
    glyphs = str(files("resources") / "glyphs").replace("\\", "/")
    return _SHEET.substitute({name: color(name) for name in _COLORS}, glyphs=glyphs, normal=normal, small=small)
