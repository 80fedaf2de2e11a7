"""Light and dark: the colours, the two text sizes and the style sheet of the whole program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from designer.style_sheet import style_sheet
from nodes.spec import Category

TEXT_SIZE = 13
SMALL_SIZE = 11
UNIT = 8
"""Distances are multiples of this many pixels."""

CATEGORY_COLORS: Mapping[Category, str] = MappingProxyType(
    {
        Category.SOURCE: "#3fa7a0",
        Category.PREPARATION: "#6a8caf",
        Category.CONVOLUTION: "#4f86f7",
        Category.POOLING: "#9b6dd6",
        Category.DENSE: "#c0628f",
        Category.NORMALIZATION: "#5aa469",
        Category.ACTIVATION: "#d98a3d",
        Category.MERGE: "#7f8794",
        Category.BOXES: "#3d9cc9",
        Category.OUTPUT: "#4fb286",
        Category.LOSS: "#d9534f",
        Category.METRIC: "#b59a2a",
        Category.OPTIMIZER: "#8b5e3c",
        Category.BLOCK: "#8a9a3b",
        Category.REMARK: "#8b94a0",
    }
)
UNKNOWN_COLOR = "#7f8794"
_FOLLOWER = "theme follower"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one appearance. `current()` gives the one in use."""

    dark: bool
    canvas: str
    grid: str
    panel: str
    field: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    wire: str
    error: str
    warning: str
    good: str

    @staticmethod
    def current() -> Theme:
        """The appearance that the program's palette has now."""
        return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


DARK = Theme(
    dark=True,
    canvas="#17191c",
    grid="#1e2125",
    panel="#212429",
    field="#2a2e34",
    border="#3a3f47",
    text="#e6e9ed",
    muted="#9aa3af",
    faint="#6b7480",
    accent="#4c9aff",
    on_accent="#ffffff",
    wire="#7d8794",
    error="#f0625e",
    warning="#e0a33e",
    good="#4fb286",
)
LIGHT = Theme(
    dark=False,
    canvas="#fafbfc",
    grid="#eff1f4",
    panel="#ffffff",
    field="#f0f2f5",
    border="#d8dce2",
    text="#1b1f24",
    muted="#5f6975",
    faint="#8b94a0",
    accent="#1f6feb",
    on_accent="#ffffff",
    wire="#8993a0",
    error="#c9302c",
    warning="#b5781a",
    good="#2e8b63",
)


def category_color(category: Category | None) -> str:
    """The colour of a category; grey for a node of an unknown type."""
    return UNKNOWN_COLOR if category is None else CATEGORY_COLORS[category]


def font(*, small: bool = False, bold: bool = False) -> QFont:
    """One of the program's few fonts."""
    return _font(QGuiApplication.font().family(), SMALL_SIZE if small else TEXT_SIZE, bold)


def metrics(*, small: bool = False, bold: bool = False) -> QFontMetricsF:
    """The measures of one of the fonts."""
    return _metrics(QGuiApplication.font().family(), SMALL_SIZE if small else TEXT_SIZE, bold)


def apply(app: QApplication, scheme: Qt.ColorScheme | None = None) -> Theme:
    """Dress the program: as the system is (and follow it from then on), or light or dark as told."""
    hints = app.styleHints()
    told = scheme if scheme in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark) else None
    follower = app.findChild(QObject, _FOLLOWER)
    if told is None and follower is None:
        follower = QObject(app)
        follower.setObjectName(_FOLLOWER)
        hints.colorSchemeChanged.connect(lambda now: _dress(app, now) if _follows(app) else None)
    if follower is not None:
        follower.setProperty("following", told is None)
    return _dress(app, told or hints.colorScheme())


@lru_cache(maxsize=32)
def _font(family: str, size: int, bold: bool) -> QFont:
    chosen = QFont(QGuiApplication.font())
    chosen.setFamily(family)
    chosen.setPixelSize(size)
    chosen.setBold(bold)
    return chosen


@lru_cache(maxsize=32)
def _metrics(family: str, size: int, bold: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(family, size, bold))


def _follows(app: QApplication) -> bool:
    follower = app.findChild(QObject, _FOLLOWER)
    return follower is not None and bool(follower.property("following"))


def _dress(app: QApplication, scheme: Qt.ColorScheme) -> Theme:
    theme = DARK if scheme is Qt.ColorScheme.Dark else LIGHT
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    text = QFont(app.font())
    text.setPixelSize(TEXT_SIZE)
    app.setFont(text)
    app.setPalette(_palette(theme))
    sheet = style_sheet(theme.__getattribute__, TEXT_SIZE, SMALL_SIZE)
    if sheet != app.styleSheet():
        app.setStyleSheet(sheet)
    return theme


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.on_accent,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.PlaceholderText: theme.muted,
        role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text,
        role.Mid: theme.border,
        role.Dark: theme.border,
    }
    palette = QPalette()
    for which, color in colors.items():
        palette.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.faint))
    return palette
