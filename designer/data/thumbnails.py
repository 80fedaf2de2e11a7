"""The small pictures of a data set: a grid that fills while they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QListView, QWidget

from designer.data.names import Names

_SIDE = 84
_Index = QModelIndex | QPersistentModelIndex


class ThumbnailModel(QAbstractListModel):
    """One row for each small picture; a picture is read from disk when it is first shown."""

    def __init__(self, names: Names | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = names or Names(shown=True)
        self._early = False  # what is shown was found while the folder was still being read
        self._records: list[Mapping[str, Any]] = []
        self._pictures: dict[int, QPixmap] = {}

    def clear(self) -> None:
        """Forget all pictures."""
        self.beginResetModel()
        self._records.clear()
        self._pictures.clear()
        self.endResetModel()

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one picture at the end; it is read now, because its file goes with the survey.

        Pictures that came early go when the real ones begin.
        """
        early = bool(record.get("early"))
        if early != self._early:
            self.clear()
            self._early = early
        picture = QPixmap(str(record["file"]))
        row = len(self._records)
        self.beginInsertRows(QModelIndex(), row, row)
        self._records.append(record)
        how = Qt.AspectRatioMode.KeepAspectRatio
        self._pictures[row] = picture.scaled(_SIDE, _SIDE, how, Qt.TransformationMode.SmoothTransformation)
        self.endInsertRows()

    def record(self, row: int) -> Mapping[str, Any]:
        """What is known of a picture."""
        return self._records[row]

    def show_names(self) -> None:
        """Names are shown now, or hidden."""
        if self._records:
            self.dataChanged.emit(self.index(0), self.index(len(self._records) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many pictures there are."""
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The picture, what it shows, and where it comes from."""
        if not index.isValid():
            return None
        record = self._records[index.row()]
        match role:
            case Qt.ItemDataRole.DecorationRole:
                return self._pictures[index.row()]
            case Qt.ItemDataRole.DisplayRole:
                return self._truth(record)
            case Qt.ItemDataRole.ToolTipRole:
                patient = self._names.patient(str(record["patient"])) if record.get("patient") else ""
                truth = self._truth(record) if record.get("truth") is not None else ""
                return "\n".join(text for text in (truth, patient, self._file(record)) if text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._truth(record)} {self._file(record)}".strip()
        return None

    def _file(self, record: Mapping[str, Any]) -> str:
        """The file as it may be named; while the folder is read it has no number yet."""
        early = record.get("early") and not self._names.shown
        return "" if early else self._names.file(str(record["path"]))

    def _truth(self, record: Mapping[str, Any]) -> str:
        truth = record.get("truth")
        if truth is None:
            return self._file(record).rpartition("/")[2]
        return f"{truth:.4g}" if isinstance(truth, float) else str(truth)


class ThumbnailGrid(QListView):
    """The pictures in rows, the class below each."""

    picked = Signal(str)  # the path of an image

    def __init__(self, names: Names | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = ThumbnailModel(names, self)
        self.setModel(self.pictures)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(QSize(_SIDE + 12, _SIDE + 30))
        self.setSpacing(4)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(self.tr("Small pictures of the images"))
        self.selectionModel().currentChanged.connect(self._on_current)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(str(self.pictures.record(index.row())["path"]))
