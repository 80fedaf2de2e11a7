"""The ways of wires: what a person can follow with the eye."""

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.measures import COLUMN, HEIGHT, STEP, WIDTH
from designer.canvas.routes import Ends, route


def bar(column: float, row: float) -> QRectF:
    return QRectF(column * COLUMN, row * STEP, WIDTH, HEIGHT)


def way(source: QRectF, target: QRectF, *others: QRectF):
    bars = (source, target, *others)
    start = QPointF(source.center().x(), source.bottom())
    end = QPointF(target.center().x(), target.top())
    ends = Ends(start, end, source, target, to_target=False, enters_aside=True)
    path = route(ends, lambda area: [box for box in bars if box.intersects(area)])
    return path, [path.pointAtPercent(step / 200) for step in range(1, 200)]


def test_that_a_wire_to_a_bar_beside_the_next_one_leaves_below_and_arrives_above():
    dense, loss = bar(0, 0), bar(0, 1)
    for column, row in ((1, 1), (-1, 1), (1, 2), (-1, 3), (2, 2)):
        target = bar(column, row)
        path, points = way(dense, target, loss)
        assert path.currentPosition() == QPointF(target.center().x(), target.top())
        assert all(dense.bottom() <= point.y() <= target.top() for point in points), (column, row)
        assert not any(loss.contains(point) for point in points), (column, row)


def test_that_a_wire_past_a_full_row_still_finds_a_way_around_the_bars():
    dense, target = bar(0, 0), bar(1, 2)
    wall = QRectF(-COLUMN, STEP, 3 * COLUMN, HEIGHT)
    _, points = way(dense, target, wall)
    assert not any(wall.contains(point) for point in points)


def test_that_a_wire_down_its_own_column_past_a_bar_runs_along_the_side():
    source, target = bar(0, 0), bar(0, 2)
    path, points = way(source, target, bar(0, 1))
    assert path.currentPosition() == QPointF(target.right(), target.center().y())
    assert max(point.x() for point in points) > source.right()


def test_that_a_wire_to_a_bar_to_the_right_and_below_makes_no_loop():
    dense = bar(0, 0)
    for aside in (WIDTH * 0.7, WIDTH + 8, COLUMN, COLUMN + 64):
        for row in (1, 2):
            output = bar(0, row).translated(aside, 0)
            path, points = way(dense, output)
            assert path.currentPosition() == QPointF(output.center().x(), output.top()), (aside, row)
            assert all(dense.center().x() <= point.x() <= output.center().x() for point in points), (aside, row)
            assert all(dense.bottom() <= point.y() <= output.top() for point in points), (aside, row)


def test_that_a_wire_to_a_bar_half_beside_passes_the_bars_between_without_going_around_its_target():
    dense, loss = bar(0, 0), bar(0, 1)
    output = bar(0, 2).translated(WIDTH * 0.7, 0)
    _, points = way(dense, output, loss)
    assert not any(loss.contains(point) for point in points)
    assert max(point.x() for point in points) <= output.right()
