"""Which cases are looked at: validation, training, the sealed test part, another folder, all folds; kept apart."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from designer.parts import whole
from runtime.data.catalogue import Part
from runtime.evaluation.folds import POOLED

OTHER = "all"  # as the record of another folder is called


class PartsBar(QWidget):
    """A button for each part with its number of cases; the test part says how often it was opened."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Part of the data"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._names = {"validation": self.tr("Validation"), "train": self.tr("Training"), "test": self.tr("Test"),
                       OTHER: self.tr("Another folder"), POOLED: self.tr("All folds")}  # fmt: skip
        tips = {
            "validation": self.tr("These cases chose the best epoch: results on them are a little too good."),
            "train": self.tr("The network learned from these cases: a result far better than on validation cases says "
                             "that it learned them by heart."),
            "test": self.tr("Nobody has looked at these cases. They are sealed until you open them, and every opening "
                            "is counted."),
            OTHER: self.tr("External test: another folder with labels, such as images of another hospital."),
            POOLED: self.tr("Cross-validation: each case as the fold answered that had not seen it."),
        }  # fmt: skip
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for name, text in self._names.items():
            made = QToolButton()
            made.setText(text)
            made.setToolTip(tips[name])
            made.setCheckable(True)
            made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            made.clicked.connect(lambda _checked, name=name: self.chosen.emit(name))
            self.buttons[name] = made
            self._group.addButton(made)
            row.addWidget(made)
        self.buttons["validation"].setChecked(True)
        self.buttons[POOLED].hide()

    @property
    def current(self) -> str:
        """The part that is looked at."""
        return next(name for name, made in self.buttons.items() if made.isChecked())

    @property
    def words(self) -> str:
        """What is counted of this part."""
        return {"validation": self.tr("validation cases"), "train": self.tr("training cases"),
                "test": self.tr("test cases"), OTHER: self.tr("cases of another folder"),
                POOLED: self.tr("cases of all folds")}[self.current]  # fmt: skip

    def choose(self, name: str) -> None:
        """Look at another part; nobody is told."""
        self.buttons[name].setChecked(True)

    def offer_pooled(self, there: bool) -> None:
        """Whether the results of a cross-validation can be looked at; without them, another part is."""
        self.buttons[POOLED].setVisible(there)
        if not there and self.current == POOLED:
            self.choose("validation")

    def show_counts(self, counts: Mapping[Part, int], opened: int) -> None:
        """How many cases each part has, and how often the test part was opened."""
        for part in ("validation", "train", "test"):
            count = counts.get(part)
            told = f" · {whole(count)}" if count is not None else ""
            if part == "test" and count:
                told += self.tr(", opened %s×") % opened if opened else self.tr(", sealed")
            self.buttons[part].setText(self._names[part] + told)
