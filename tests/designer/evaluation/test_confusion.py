"""The confusion matrix: shares, words, and cells that ask for their cases."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from designer.evaluation.confusion import Confusion


@pytest.fixture
def table(qtbot):
    made = Confusion()
    qtbot.addWidget(made)
    made.show_counts(["a", "b"], [[3, 1], [0, 2]], clickable=True)
    made.show()
    return made


def test_that_the_matrix_gives_the_share_of_each_true_class(table):
    assert table.share(0, 0) == 0.75
    table.show_counts(["a", "b"], [[3, 1], [0, 0]])
    assert table.share(1, 1) == 0.0
    assert table.csv().splitlines() == ["truth / predicted,a,b", "a,3,1", "b,0,0"]
    assert "a: 3 a, 1 b" in table.accessibleDescription()
    assert not table.grab().isNull()


def test_that_a_clicked_cell_asks_for_its_cases(qtbot, table):
    with qtbot.waitSignal(table.cell_asked) as asked:
        QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.box(0, 1).center().toPoint())
    assert asked.args == [0, 1]


def test_that_the_cells_are_walked_through_with_the_keyboard(qtbot, table):
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(table, key)
    assert "true: b, predicted: b, 2 cases" in table.accessibleDescription()
    with qtbot.waitSignal(table.cell_asked) as asked:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert asked.args == [1, 1]


def test_that_a_matrix_of_pixels_is_not_clickable(qtbot, table):
    table.show_counts(["a", "b"], [[3, 1], [0, 2]])
    with qtbot.assertNotEmitted(table.cell_asked):
        QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.box(0, 1).center().toPoint())
        QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
