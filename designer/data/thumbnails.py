"""The small pictures of a data set: a grid that fills while they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QListView, QWidget

_SIDE = 112
_Index = QModelIndex | QPersistentModelIndex


class ThumbnailModel(QAbstractListModel):
    """One row for each small picture; a picture is read from disk when it is first shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: list[Mapping[str, Any]] = []
        self._pictures: dict[int, QPixmap] = {}

    def clear(self) -> None:
        """Forget all pictures."""
        self.beginResetModel()
        self._records.clear()
        self._pictures.clear()
        self.endResetModel()

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one picture at the end; it is read now, because its file goes with the survey."""
        picture = QPixmap(str(record["file"]))
        row = len(self._records)
        self.beginInsertRows(QModelIndex(), row, row)
        self._records.append(record)
        how = Qt.AspectRatioMode.KeepAspectRatio
        self._pictures[row] = picture.scaled(_SIDE, _SIDE, how, Qt.TransformationMode.SmoothTransformation)
        self.endInsertRows()

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
                return _truth(record)
            case Qt.ItemDataRole.ToolTipRole:
                patient = self.tr("Patient %s") % record["patient"] if record.get("patient") else ""
                truth = _truth(record) if record.get("truth") is not None else ""
                return "\n".join(text for text in (truth, patient, str(record["path"])) if text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{_truth(record)} {record['path']}"
        return None


class ThumbnailGrid(QListView):
    """The pictures in rows, the class below each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = ThumbnailModel(self)
        self.setModel(self.pictures)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(QSize(_SIDE + 16, _SIDE + 32))
        self.setSpacing(4)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(self.tr("Small pictures of the images"))


def _truth(record: Mapping[str, Any]) -> str:
    truth = record.get("truth")
    if truth is None:
        return str(record["path"]).rpartition("/")[2]
    return f"{truth:.4g}" if isinstance(truth, float) else str(truth)
