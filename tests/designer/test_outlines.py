"""Outlines over pictures: what is dotted has gaps, and its dark edge lies only where its colour does."""

import pytest
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from designer.data.outlines import Outline, paint_outlines


@pytest.fixture
def drawn(qapp):
    """Draws one line on white, and gives the pixels along its middle."""

    def make(dotted):
        image = QImage(120, 21, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_outlines(painter, [Outline("#ff0000", (QLineF(1, 1, 11, 1),), dotted)], QRectF(image.rect()), (2, 12))
        painter.end()
        return [QColor(image.pixel(x, 10)) for x in range(20, 100)]

    return make


def test_that_a_line_is_its_colour_all_along(drawn):
    assert all(colour.red() > 150 and colour.green() < 120 for colour in drawn(dotted=False))


def test_that_a_dotted_line_is_its_colour_or_the_picture_and_never_its_edge_alone(drawn):
    colours = drawn(dotted=True)
    assert all(colour.red() > 120 for colour in colours)
    gaps = sum(colour.green() > 200 for colour in colours)
    assert 0.2 < gaps / len(colours) < 0.6
