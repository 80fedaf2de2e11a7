"""The studies that were found, with their series, each to be ticked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from designer.parts import counted

_UID = Qt.ItemDataRole.UserRole
_IMAGES = Qt.ItemDataRole.UserRole + 1
_ON, _OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class PacsResults(QTreeWidget):
    """Ticking a study ticks its series; Space ticks the current line."""

    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Studies found"))
        titles = [
            self.tr("Patient, series"),
            self.tr("Day"),
            self.tr("Kind"),
            self.tr("Description"),
            self.tr("Images"),
        ]
        self.setHeaderLabels([self.tr(title) for title in titles])
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(False)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 280), (1, 96), (2, 64), (4, 72)):
            self.setColumnWidth(column, width)
        self._studies: dict[str, QTreeWidgetItem] = {}
        self.itemChanged.connect(lambda *_: self.ticked.emit())

    def forget(self) -> None:
        """Empty the list."""
        self._studies.clear()
        self.clear()
        self.ticked.emit()

    def add_study(self, record: Mapping[str, Any]) -> None:
        """One more study."""
        who = " · ".join(text for text in (record["patient_id"], record["patient_name"]) if text) or record["uid"]
        kinds = "/".join(record["modalities"])
        item = self._item([who, record["date"], kinds, record["description"]], record["images"], record["uid"])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsAutoTristate)
        self._studies[record["uid"]] = item
        self.addTopLevelItem(item)

    def add_series(self, record: Mapping[str, Any]) -> None:
        """One more series of a study that is listed."""
        above = self._studies.get(record["study"])
        if above is None:
            return
        title = self.tr("Series %s") % record["number"] if record["number"] else self.tr("Series")
        item = self._item([title, "", record["modality"], record["description"]], record["images"], record["uid"])
        item.setCheckState(0, above.checkState(0))
        above.addChild(item)

    def _item(self, texts: list[str], images: int | None, uid: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([*texts, "" if images is None else str(images)])
        item.setTextAlignment(4, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(0, _UID, uid)
        item.setData(0, _IMAGES, images or 0)
        item.setCheckState(0, _OFF)
        for column in range(4):
            item.setToolTip(column, item.text(column))
        return item

    def wanted(self) -> list[str]:
        """What is ticked, as STUDY or STUDY/SERIES."""
        words = []
        for uid, study in self._studies.items():
            if study.checkState(0) == _ON:
                words.append(uid)
            elif study.checkState(0) != _OFF:
                words += [f"{uid}/{series.data(0, _UID)}" for series in self._below(study) if self._is_on(series)]
        return words

    def said(self) -> str:
        """What is ticked, in words."""
        images = 0
        for study in self._studies.values():
            below = self._below(study)
            on = [series for series in below if self._is_on(series)] if below else [study] if self._is_on(study) else []
            images += sum(int(item.data(0, _IMAGES)) for item in on)
        found = counted(len(self._studies), self.tr("study")).replace("studys", "studies")
        return self.tr("%s found; %s ticked.") % (found, counted(images, self.tr("image")))

    @staticmethod
    def _below(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
        below = (item.child(row) for row in range(item.childCount()))
        return [line for line in below if line is not None]

    @staticmethod
    def _is_on(item: QTreeWidgetItem) -> bool:
        return item.checkState(0) == _ON
