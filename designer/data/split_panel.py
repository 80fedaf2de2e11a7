"""How the cases are shared out to training, validation and test; what it gives is counted while it is set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from designer.data.cases import CaseBook
from designer.data.nothing import Nothing
from designer.data.share_bar import ShareBar, Shares
from designer.data.split_counts import SplitCounts
from designer.data.split_words import beside_others
from designer.data.use import entry_of
from designer.parts import Notes, label, spin_box, without_options
from designer.tables import RowsTable
from runtime.changes import Change, TrainingChanged
from runtime.data.catalogue import PARTS, DataError
from runtime.data.split_how import How, PartCounts, how_of
from runtime.data.split_kept import in_setting

_NAME_WIDTH, _COUNT_WIDTH = 150, 88


class SplitPanel(QWidget):
    """Changes the training settings of the project, each step undoable."""

    divided = Signal(object)  # PartCounts, whenever they are counted

    def __init__(self, book: CaseBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.project = book.project
        self.counts: PartCounts | None = None
        self._showing = False
        self.by = QComboBox()
        for text, value in ((self.tr("patient (recommended)"), "patient"), (self.tr("study (examination)"), "study"),
                            (self.tr("column or DICOM element"), "column"),
                            (self.tr("image (patients may leak)"), "image")):  # fmt: skip
            self.by.addItem(text, value)
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.by.setMinimumContentsLength(16)
        self.by.setAccessibleName(self.tr("Keep together"))
        self.by.setToolTip(self.tr(
            "What stays on one side: images of one patient look alike, so results are too good when they are on both."
        ))  # fmt: skip
        self.column = QLineEdit()
        self.column.setPlaceholderText(self.tr("site, or StationName"))
        self.column.setAccessibleName(self.tr("Column to split by"))
        self.held = QLineEdit()
        self.held.setPlaceholderText(self.tr("none: shares decide"))
        self.held.setAccessibleName(self.tr("Value whose cases are the test part"))
        self.shares = ShareBar()
        self.folds = spin_box(0, 50, self.tr("Folds of a k-fold split"), self.tr("off"))
        self.fold = spin_box(1, 50, self.tr("Fold that is the test part"))
        self.seed = spin_box(0, 2_000_000_000, self.tr("Seed of the split and of the training"))
        self.beside = label("", "muted")
        self.how = label("", "small")
        self.problems, self.warnings = Notes("wrong"), Notes("warning")
        headers = ["", self.tr("Training"), self.tr("Validation"), self.tr("Test")]
        self.table = RowsTable(headers, self.tr("Cases in each part"))
        self.empty = Nothing(
            self.tr("No cases yet"), self.tr("Drop a folder of images: how it is shared out is set here.")
        )
        self._counter = SplitCounts(self)
        self._counter.counted.connect(self._on_counted)
        self._counter.reading.connect(self._on_reading)
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(8)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Keep together"), self.by), (self.tr("Column"), self.column),
            (self.tr("Test on the value"), self.held), (self.tr("Folds (k)"), self.folds),
            (self.tr("Test fold"), self.fold), (self.tr("Seed"), self.seed),
        )  # fmt: skip
        for text, field in rows:
            self._form.addRow(text, field)
        self.body = QWidget()
        inside = QVBoxLayout(self.body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addLayout(self._form)
        for part in (self.beside, self.shares, self.how, self.problems, self.table, self.warnings):
            inside.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.body)
        column.addWidget(self.empty)
        column.addStretch(1)

    def _connect(self) -> None:
        self.by.activated.connect(lambda _row: self._edit(split=str(self.by.currentData())))
        self.column.editingFinished.connect(lambda: self._edit(split_column=self.column.text().strip()))
        self.held.editingFinished.connect(lambda: self._edit(held_out=self.held.text().strip()))
        self.shares.changed.connect(self._on_shares)
        self.folds.valueChanged.connect(self._on_folds)
        self.fold.valueChanged.connect(lambda value: self._edit(fold=value))
        self.seed.valueChanged.connect(lambda value: self._edit(seed=value))
        self._book.changed.connect(self.refresh)
        self.project.changed.connect(self._on_change)
        self.project.replaced.connect(self.refresh)
        self.project.analysed.connect(lambda _analysis: self._tell_beside())

    def close_down(self) -> None:
        """The window is closing."""
        self._counter.close_down()

    def refresh(self) -> None:
        """Show the settings of the project, and count."""
        training = self.project.document.training
        self._showing = True
        self.by.setCurrentIndex(self.by.findData(training.split))
        if not self.column.hasFocus():
            self.column.setText(training.split_column)
        if not self.held.hasFocus():
            self.held.setText(training.held_out)
        self.shares.show_shares(training.parts)
        self.folds.setValue(training.folds)
        self.fold.setMaximum(max(training.folds, 1))
        self.fold.setValue(training.fold)
        self.seed.setValue(min(training.seed, self.seed.maximum()))
        self._showing = False
        free = not self._is_named() or training.folds > 0  # folds of named parts are refused: they must be seen
        by_column = free and training.split == "column"
        for field, shown in ((self.by, free), (self.column, by_column), (self.held, by_column), (self.folds, free),
                             (self.fold, training.folds > 1)):  # fmt: skip
            self._form.setRowVisible(field, shown)
        self.shares.setVisible(free and training.folds < 2)
        known = self._book.base is not None
        self.body.setVisible(known)
        self.empty.setVisible(not known)
        self._tell_beside()
        if known:
            self._count(how_of(training))

    def _tell_beside(self) -> None:
        """Of several sources: whose cases are shared out, and where those of this one go."""
        said = beside_others(self.project.analysis, entry_of(self.project.document, self._book.node))
        self.beside.setText(said)
        self.beside.setVisible(bool(said))

    def _is_named(self) -> bool:
        """Whether the data say themselves where each case goes, so that nothing is to be set."""
        base = self._book.base
        return base is not None and any(sample.part == "validation" for sample in base.samples)

    def _count(self, how: How) -> None:
        try:
            now = self._book.now()
        except DataError as error:
            self._on_counted(PartCounts("", {}, {}, {}, (), {}, problems=error.problems))
            return
        document = self.project.document
        source = entry_of(document, self._book.node)
        kept = in_setting(document.nodes[source].settings.get("kept_parts")) if source else ()
        if how.by == "column" and not how.column:
            self._on_counted(PartCounts("", {}, {}, {}, (), {}, problems=(self.tr("Name the column to split by."),)))
        elif now is not None:
            self._counter.ask(now, how, kept)

    def _on_reading(self) -> None:
        """Until the column was read nothing is known of the parts."""
        self.how.setText(self.tr("Reading the column …"))
        self.how.show()
        self.problems.show_texts([])
        self.warnings.show_texts([])
        self.table.hide()

    def _on_counted(self, counts: PartCounts) -> None:
        self.counts = counts
        names = self._book.names
        self.problems.show_texts([names.hidden_in(without_options(text)) for text in counts.problems])
        self.warnings.show_texts([names.hidden_in(without_options(text)) for text in counts.warnings])
        named = self.tr("The data name the parts themselves, by folders or a column; they are used as they are.")
        self.how.setText(named if self._is_named() and not counts.problems else counts.how)
        self.how.setVisible(bool(counts.how))
        rows: list[list[Any]] = []
        if not counts.problems:
            rows = [[self.tr("Cases"), *(counts.cases[part] for part in PARTS)]]
            if any(counts.patients.values()):
                rows.append([self.tr("Patients"), *(counts.patients[part] for part in PARTS)])
            if any(any(tally) for tally in counts.by_class.values()):
                rows += [[name, *(counts.by_class[part][place] for part in PARTS)]
                         for place, name in enumerate(counts.classes)]  # fmt: skip
        self.table.show_rows(rows)
        for column, width in enumerate((_NAME_WIDTH, _COUNT_WIDTH, _COUNT_WIDTH)):
            self.table.setColumnWidth(column, width)
        self.table.fit_height(14)
        self.table.setVisible(bool(rows))
        self.divided.emit(counts)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, TrainingChanged):
            self.refresh()

    def _on_shares(self, shares: Shares) -> None:
        self._edit(parts=shares)

    def _on_folds(self, count: int) -> None:
        training = self.project.document.training
        folds = 0 if count < 2 and training.folds else max(count, 2) if count else 0
        self._edit(folds=folds, fold=min(training.fold, max(folds, 1)))

    def _edit(self, **settings: Any) -> None:
        document = self.project.document
        after = replace(document.training, **settings)
        if self._showing or after == document.training:
            return
        with document.edit(self.tr("Change the split"), merge=f"split {' '.join(settings)}"):
            document.train_with(after)
