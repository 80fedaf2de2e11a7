"""The right side of the Data workspace: what was found in the folder, in numbers and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.data.names import Names
from designer.data.survey import Found
from designer.data.window_words import in_window
from designer.parts import Notes, counted, label, pixels
from designer.tables import Row, RowsTable, Short

_MOST_WARNINGS = 4  # the others are told in the tab of warnings alone
_MOST_SERIES = 5  # of which the problems are told above the tables


class FactsPanel(QWidget):
    """Shows a Found; parts with nothing to show are hidden."""

    def __init__(self, names: Names | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names or Names(shown=True)
        self.summary = label("", "title")
        self.problems = Notes("wrong")
        self.warnings = Notes("warning")
        self.told = Notes("small")
        self.classes = RowsTable([self.tr("Class"), self.tr("Patients"), self.tr("Images")], self.tr("Classes"), bar=2)
        self.patients = RowsTable([self.tr("Patient"), self.tr("Images")], self.tr("Patients"), bar=1)
        self.series = RowsTable(
            [self.tr("Series"), self.tr("Kind"), self.tr("Images"), self.tr("Size (px)"), self.tr("Spacing (mm)"),
             self.tr("Problems")], self.tr("Series"),
        )  # fmt: skip
        self.unused = RowsTable([self.tr("File"), self.tr("Why it is not used")], self.tr("Files that are not used"))
        self._titles = {
            table: label("", "title") for table in (self.classes, self.patients, self.series, self.unused)
        }  # fmt: skip
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for widget in (self.summary, self.problems, self.warnings, self.told):
            column.addWidget(widget)
        for table, title in self._titles.items():
            column.addSpacing(8)
            column.addWidget(title)
            column.addWidget(table)
        column.addStretch(1)

    def show_found(self, found: Found) -> None:
        """Bring everything up to date."""
        self.summary.setText(summary(found))
        self.summary.setVisible(bool(self.summary.text()))
        hidden = self._names.hidden_in
        self.problems.show_texts([hidden(text) for text in found.problems])
        said = [] if found.problems and not found.settings else warnings_of(found)
        more = len(said) - _MOST_WARNINGS
        shown = [hidden(text) for text in said[: len(said) if more == 1 else _MOST_WARNINGS]]
        self.warnings.show_texts([*shown, self.tr("%s more: see Warnings.") % more] if more > 1 else shown)
        self.told.show_texts([hidden(in_window(text)) for text in found.told])
        self.classes.content.headers, rows = self._classes(found)
        self._fill(self.classes, rows, self.tr("Numbers") if found.label == "number" else self.tr("Classes"))
        for column, most in enumerate((180, 88)):
            self.classes.setColumnWidth(column, min(self.classes.columnWidth(column), most))
        self.classes.fit_height()
        by_patient: Mapping[str, int] = found.dataset.get("patients", {})
        named = [(self._names.patient(name), count) for name, count in sorted(by_patient.items()) if name]
        self._fill(self.patients, named, self.tr("Patients"))
        self._fill(self.series, [_series_row(row, self._names) for row in found.series], self.tr("Series"))
        skipped = [(self._names.file(path), hidden(why)) for path, why in found.skipped]
        self._fill(self.unused, skipped, self.tr("Not used"))

    def _classes(self, found: Found) -> tuple[list[str], list[Any]]:
        """Headers and rows: patients and images of each class, or images and boxes."""
        classes = [item for item in found.dataset.get("classes", ()) if isinstance(item, dict)]
        if found.label == "boxes":
            with_one = Counter(name for one in found.samples for name in {box.label for box in one.boxes or ()})
            boxes = Counter(box.label for one in found.samples for box in one.boxes or ())
            rows = [(item["name"], with_one[item["name"]], boxes[item["name"]]) for item in classes]
            return [self.tr("Class"), self.tr("Images"), self.tr("Boxes")], rows
        if found.label == "mask" and len(found.settings.get("counts", ())) == len(classes):
            drawn = [int(count) for count in found.settings["counts"]]
            shares = [round(100 * count / max(sum(drawn), 1), 1) for count in drawn]
            pixels = [(item["name"], *pair) for item, *pair in zip(classes, shares, drawn, strict=True)]
            return [self.tr("Class"), self.tr("Share (%)"), self.tr("Pixels")], pixels
        if found.label == "number":
            columns = zip(*(one.numbers for one in found.samples if one.numbers), strict=True)
            ranges = [(item["name"], min(own), max(own)) for item, own in zip(classes, columns, strict=False)]
            return [self.tr("Number"), self.tr("Lowest"), self.tr("Highest")], ranges
        counts = [(item["name"], item["patients"] or None, item["cases"] if found.label == "class" else None)
                  for item in classes]  # fmt: skip
        cases = self.tr("Points") if found.settings.get("points") else self.tr("Images")
        return [self.tr("Class"), self.tr("Patients"), cases], counts

    def _fill(self, table: RowsTable, rows: list[Any] | list[tuple[str, str]], title: str) -> None:
        table.show_rows(rows)
        table.fit_height()
        table.setVisible(bool(rows))
        self._titles[table].setText(f"{title} ({len(rows)})")
        self._titles[table].setVisible(bool(rows))


def summary(found: Found) -> str:
    """One line: how many images of how many patients, their size, and what there is to learn."""
    data = found.dataset
    if not data:
        return counted(found.files, "file") if found.files else ""
    patients = len([name for name in data.get("patients", {}) if name])
    kinds = {
        "class": "a class for each image",
        "number": "a number for each image",
        "mask": "a mask for each image",
        "labels": "several labels for each image",
        "boxes": "boxes in each image",
    }
    signals = data.get("kind") == "signal"
    what = "signal" if signals else "point" if found.settings.get("points") else "image"
    channels = int(data.get("channels", 1))
    parts = [
        counted(int(data.get("cases", 0)), what) + (f" of {counted(patients, 'patient')}" if patients else ""),
        _sizes(data, "samples" if signals else "pixels"),
        counted(channels, "lead") if signals else {1: "grey", 3: "colour"}.get(channels, f"{channels} channels"),
        " and ".join(_modalities(found)),
        kinds.get(found.label, "no labels").replace("a number", _how_many_numbers(data)).replace("image", what),
    ]
    return " · ".join(part for part in parts if part)


def _how_many_numbers(data: Mapping[str, Any]) -> str:
    several = len(data.get("classes", ()))
    return f"{several} numbers" if several else "a number"


def _sizes(data: Mapping[str, Any], unit: str) -> str:
    """The size of the images, or how many sizes there are and the commonest."""
    size, different = pixels(data.get("size", ())), int(data.get("sizes", 1))
    if not size:
        return ""
    return f"{size} {unit}" if different < 2 else f"{different} sizes, mostly {size} {unit}"


def _modalities(found: Found) -> list[str]:
    """The kinds of the series, the one with the most images first."""
    images: Counter[str] = Counter()
    for row in found.series:
        images[str(row.get("modality") or "")] += int(row.get("frames", 0))
    del images[""]
    return [name for name, _ in images.most_common()] or [str(found.settings.get("modality", ""))]


def warnings_of(found: Found) -> list[str]:
    """What should be known before the data are used: also what is wrong with single series."""
    wrong = [(_named(row), "; ".join(row["problems"])) for row in found.series if row.get("problems")]
    said = [f"Series {name}: {problems}." for name, problems in wrong[:_MOST_SERIES]]
    more = len(wrong) - _MOST_SERIES
    if more > 0:
        said.append(f"{more} other series {'has a problem' if more == 1 else 'have problems'} too; see the table.")
    told = [in_window(text) for text in found.warnings]
    if any(finding.get("code") == "patients_unknown" for finding in found.findings):
        told = [text for text in told if not text.startswith("No patient is known")]  # the finding says it, with cases
    return [*told, *_nothing_to_tell_apart(found), *said]


def _nothing_to_tell_apart(found: Found) -> list[str]:
    """What to do next with images of which none has a label, or all the same."""
    settings, classes = found.settings, found.dataset.get("classes", ())
    alone = found.label == "class" and len(classes) == 1
    if not settings or settings.get("labels") == "none" or settings.get("choices") or (found.label and not alone):
        return []
    told = "All images are of one class" if alone else "No labels were found"
    return [
        f"{told}, so there is nothing to learn to tell apart: put the images of each class into a folder of their own, "
        "or name a table of labels (“Labels” above)."
    ]


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("patient") or "") or str(row.get("uid", ""))[-24:]


def _spelled(spacing: Sequence[float]) -> str:
    """Millimetres from slice to slice, row to row and column to column, rounded: "9.4 × 1.9 × 1.9"."""
    return " × ".join(f"{side:.1f}" if side >= 1 else f"{side:.2g}" for side in spacing)


def _series_row(row: Mapping[str, Any], names: Names) -> Row:
    spacing = row.get("spacing_mm")
    spaced = Short(_spelled(spacing), " × ".join(f"{side:g}" for side in spacing) + " mm") if spacing else ""
    size = f"{row.get('columns')}" if row.get("kind") == "signal" else f"{row.get('columns')}×{row.get('rows')}"
    kind, problems = str(row.get("modality") or ""), " ".join(row.get("problems", ()))
    name = names.patient(str(row["patient"])) if row.get("patient") else names.hidden_in(_named(row))
    return (name, kind, row.get("frames", 0), size, spaced, problems)
