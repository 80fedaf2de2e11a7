"""Pictures drawn from SVG at the screen's resolution, and the coloured tile that a node type carries."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from designer.theme import Theme, category_color, font
from nodes.spec import Category, NodeType

_RESOLUTIONS = (1.0, 2.0, 3.0)


def has_icon(name: str) -> bool:
    """Whether there is an SVG file of this name."""
    return _source(name) is not None


def icon(name: str, color: str = "", size: int = 16) -> QIcon:
    """The SVG as an icon, crisp at 100-300 %; in the text colour if none is given."""
    made = QIcon()
    for ratio in _RESOLUTIONS:
        made.addPixmap(pixmap(name, color, size, ratio))
    return made


def pixmap(name: str, color: str = "", size: int = 16, ratio: float = 0.0) -> QPixmap:
    """The SVG as a picture of `size` logical pixels; `ratio` 0 takes the screen's."""
    drawn = _blank(size, ratio)
    source = _source(name)
    if source is not None:
        painter = QPainter(drawn)
        _render(painter, source, color or Theme.current().text, QRectF(0, 0, size, size))
        painter.end()
    return drawn


def paint_tile(painter: QPainter, box: QRectF, category: Category | None, radius: float = 4.0) -> None:
    """The category's letter in white on its colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(category_color(category)))
    painter.drawRoundedRect(box, radius, radius)
    letter = QFont(font(bold=True))
    letter.setPixelSize(max(8, round(box.height() * 0.58)))
    painter.setFont(letter)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "?" if category is None else category.letter)


def tile(category: Category | None, size: int = 18, ratio: float = 0.0) -> QPixmap:
    """The letter tile as a picture."""
    drawn = _blank(size, ratio)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_tile(painter, QRectF(0, 0, size, size), category, size / 4.5)
    painter.end()
    return drawn


@lru_cache(maxsize=64)
def tile_icon(category: Category | None, size: int = 18) -> QIcon:
    """The letter tile as an icon, drawn once: its colours are those of the category in light and dark."""
    made = QIcon()
    for ratio in _RESOLUTIONS:
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            made.addPixmap(tile(category, size, ratio), mode)
    return made


def type_pixmap(kind: type[NodeType] | None, size: int = 20, ratio: float = 0.0) -> QPixmap:
    """The node type's own icon in white on its category's colour; its category's letter where it has none."""
    category = None if kind is None else kind.category
    source = None if kind is None else _source(kind.id)
    if source is None:
        return tile(category, size, ratio)
    drawn = _blank(size, ratio)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(category_color(category)))
    painter.drawRoundedRect(QRectF(0, 0, size, size), size / 4.5, size / 4.5)
    inset = size * 0.14
    _render(painter, source, "#ffffff", QRectF(0, 0, size, size).adjusted(inset, inset, -inset, -inset))
    painter.end()
    return drawn


def _blank(size: int, ratio: float) -> QPixmap:
    ratio = ratio or _screen_ratio()
    blank = QPixmap(round(size * ratio), round(size * ratio))
    blank.setDevicePixelRatio(ratio)
    blank.fill(Qt.GlobalColor.transparent)
    return blank


def _screen_ratio() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.devicePixelRatio() if screen is not None else 1.0


def _render(painter: QPainter, source: str, color: str, box: QRectF) -> None:
    tinted = source.replace("currentColor", color)
    QSvgRenderer(QByteArray(tinted.encode())).render(painter, box)


@lru_cache(maxsize=512)
def _source(name: str) -> str | None:
    """The text of the SVG file; colours in it are written as currentColor."""
    for folder in ("icons", "glyphs"):
        file = files("resources") / folder / f"{name}.svg"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None
