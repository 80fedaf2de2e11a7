"""Cases as small pictures with what was answered and what is true: the gallery, and the cases that flip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from designer.evaluation.case_choice import CaseChoice
from designer.evaluation.case_pictures import SIDE, CasePictures
from designer.evaluation.case_words import more_of_case, title_of_case, verdict_of
from designer.theme import Theme, font, metrics

_Index = QModelIndex | QPersistentModelIndex
_WORDS = 44
_PAD = 6
CARD = QSize(SIDE + 2 * _PAD, SIDE + 2 * _PAD + _WORDS)


class CaseGridModel(QAbstractListModel):
    """One row for each case, by its index in the evaluation."""

    def __init__(self, choice: CaseChoice, pictures: CasePictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice, self._pictures = choice, pictures
        self.cases: list[int] = []

    def show(self, cases: Sequence[int]) -> None:
        """Put these cases in the place of those before."""
        if list(cases) != self.cases:
            self.beginResetModel()
            self.cases = list(cases)
            self.endResetModel()

    def refresh(self, case: int | None = None) -> None:
        """The picture of a case came, or something was said of all."""
        if case is None and self.cases:
            self.dataChanged.emit(self.index(0), self.index(len(self.cases) - 1))
        elif case in self.cases:
            where = self.index(self.cases.index(case))
            self.dataChanged.emit(where, where)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many cases there are."""
        return 0 if parent.isValid() else len(self.cases)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said of a case."""
        measured = self._choice.measured
        if measured is None or not index.isValid():
            return None
        case = self.cases[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title_of_case(measured, case)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                flips = self.tr("called otherwise at this threshold") if case in self._choice.flipped else ""
                of_map = self._pictures.maps.said(case)
                said = (title_of_case(measured, case), more_of_case(measured, case), flips, of_map)
                return "\n".join(text for text in said if text)
            case Qt.ItemDataRole.UserRole:
                return case
        return None


class CaseDelegate(QStyledItemDelegate):
    """Draws one case: its picture on black, two lines below, a mark when the threshold flips it."""

    def __init__(self, choice: CaseChoice, pictures: CasePictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice, self._pictures = choice, pictures

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All are of one size."""
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Picture and words."""
        measured, case = self._choice.measured, index.data(Qt.ItemDataRole.UserRole)
        if measured is None or case is None:
            return
        theme, box = Theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border if option.state & QStyle.StateFlag.State_Selected else theme.field))
            painter.drawRoundedRect(box, 6, 6)
        self._paint_picture(painter, QRect(box.left() + _PAD, box.top() + _PAD, SIDE, SIDE), case, theme)
        words = QRect(box.left() + _PAD, box.top() + _PAD + SIDE + 4, SIDE, 18)
        colour = {"right": theme.good, "wrong": theme.error}.get(verdict_of(measured, case), theme.text)
        self._write(painter, words, title_of_case(measured, case), colour, bold=True)
        self._write(painter, words.translated(0, 18), more_of_case(measured, case), theme.muted, bold=False)
        painter.restore()

    def _paint_picture(self, painter: QPainter, box: QRect, case: int, theme: Theme) -> None:
        painter.fillRect(box, Qt.GlobalColor.black)
        image = self._pictures.image(case)
        if image is not None:
            place = QRect(image.rect())
            place.moveCenter(box.center())
            painter.drawImage(place, image)
        else:
            painter.setPen(QColor("#9aa3af"))
            painter.setFont(font(small=True))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box.adjusted(8, 8, -8, -8), flags, self._pictures.fault(case) or "…")
        if case in self._choice.flipped:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.warning))
            mark = QRect(box.right() - 25, box.top() + 4, 22, 18)
            painter.drawRoundedRect(mark, 4, 4)
            painter.setPen(QColor("#101215"))
            painter.setFont(font(bold=True))
            painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, "⇄")

    def _write(self, painter: QPainter, box: QRect, text: str, colour: str, bold: bool) -> None:
        painter.setFont(font(small=True, bold=bold))
        painter.setPen(QColor(colour))
        elided = metrics(small=True, bold=bold).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


class CaseGrid(QListView):
    """The cards in rows; pictures are asked for where they are seen. A click or Enter opens a case."""

    opened = Signal(int)

    def __init__(self, choice: CaseChoice, pictures: CasePictures, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.cards = CaseGridModel(choice, pictures, self)
        self.setModel(self.cards)
        self.setItemDelegate(CaseDelegate(choice, pictures, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(4)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(name)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._ask_seen)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        self.cards.modelReset.connect(self._soon.start)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.valueChanged.connect(lambda _value: self._soon.start())
        pictures.came.connect(self.cards.refresh)

    def show_cases(self, cases: Sequence[int]) -> None:
        """Other cases, or another order of them."""
        self.cards.show(cases)

    def ask_again(self) -> None:
        """More can be shown now: the files are known, or other greys are wanted."""
        self._soon.start()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Others are seen."""
        super().resizeEvent(event)
        self._soon.start()

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.cards.cases[index.row()])

    def _ask_seen(self) -> None:
        if not self.isVisible():
            return
        seen = self.viewport().rect()
        rows = range(len(self.cards.cases))
        first = next((row for row in rows if self.visualRect(self.cards.index(row)).intersects(seen)), None)
        if first is None:
            return
        shown = []
        for row in rows[first:]:
            if not self.visualRect(self.cards.index(row)).intersects(seen):
                break
            shown.append(self.cards.cases[row])
        self._pictures.want(shown)
