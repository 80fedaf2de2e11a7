"""Clicks on the cards of a grid of cases."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def click_card(grid, row):
    """Click the card in a row."""
    card = grid.visualRect(grid.model().index(row, 0))
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=card.center())
