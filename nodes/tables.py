"""A table of numbers as a source: age, laboratory values, measurements beside the images, or alone."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.roles import DataSource
from nodes.settings import Form
from nodes.spec import Kind, Port, Target, Unfit, Value, Values, setting


class Table(DataSource, id="table", title="Table", words="csv tsv excel clinical data numbers columns age laboratory"):
    """Reads a table (CSV, TSV or Excel) with a row for each case, and delivers the numbers of its columns: age,
    laboratory values, measurements.

    Beside an image source its rows are found by file name, path or patient. Put Standardise columns after it: age in
    years and volume in millilitres then count alike. Term: tabular or clinical data.
    """

    tabular: ClassVar[bool] = True
    outputs = (
        Port("image", label="Numbers", help="The numbers of each case, one for each column."),
        Port("class", Kind.TARGET, help="The class of each case, from the column to learn."),
        Port("number", Kind.TARGET, help="The number of each case, from the column to learn."),
    )

    folder: str = setting(
        "", "The table: a CSV, TSV or Excel file with a row for each case.", label="File", form=Form.FILE
    )
    columns: tuple[str, ...] = setting(
        (), "Which columns the network gets, in this order. Empty takes all that hold numbers, or yes "
        "(which counts as 1) and no (0), and are not used otherwise.", brief=True,
    )  # fmt: skip
    cases: str = setting(
        "", "The column that names the case: a file name, a path, or the patient. Empty finds it by its name, such as "
        "file, image, patient_id or id.",
    )  # fmt: skip
    labels: str = setting(
        "", "The column to learn, a class or a number. Empty where another source has what is to be learned."
    )
    patients: str = setting(
        "", "The column that names the patient, whose cases stay together. Empty finds it by its name."
    )
    missing: Literal["mean", "leave out"] = setting(
        "mean", "What becomes of a case in which a number is missing: the mean of the training part stands in its "
        "place (Standardise columns puts it there), or the case is left out.",
    )  # fmt: skip
    label: Literal["class", "number", ""] = setting("", "What the table holds to learn.", learned=True)
    classes: tuple[str, ...] = setting((), "The names of the classes, in order.", learned=True)
    counts: tuple[int, ...] = setting((), "Cases of each class.", learned=True, low=0)
    read_as: str = setting("", "What the other settings were when the table was read.", learned=True)
    found_columns: tuple[str, ...] = setting((), "The columns that are taken, in order.", learned=True)
    gaps: int = setting(0, "How many numbers are missing.", learned=True, low=0)
    images: int = setting(0, "How many cases were found.", learned=True, low=0)
    named_patients: int = setting(0, "How many patients the table names.", learned=True, low=0)
    groups: tuple[int, ...] = setting(
        (), "Patients of each class, or cases where no patient is named; one number for all where there are no "
        "classes.", learned=True, low=0,
    )  # fmt: skip
    found_unit: str = setting("", "The unit that the name of the column to learn tells.", learned=True)
    fingerprint: str = setting("", "Changes when a number or a label changes.", learned=True)
    kept_parts: tuple[str, ...] = setting(
        (), "Which case was in which part when the table was attached, as salted hashes.", learned=True
    )

    def infer(self) -> Values:
        if not self.folder:
            raise Unfit(f"“{self.title}” has no file yet; choose one (CSV, TSV, Excel) in the inspector.", "folder")
        if not self.found_columns:
            raise Unfit("The table was not read yet; choose it again so that its columns are looked at.", "folder")
        if self.columns and self.columns != self.found_columns:
            raise Unfit("The columns were chosen after the table was read; read it again on the Data page.", "columns")
        if asked_text(self.cases, self.labels, self.patients, self.missing) != self.read_as:
            raise Unfit("The settings changed after the table was read; read it again on the Data page.", "folder")
        values: dict[str, Value] = {"image": (len(self.found_columns),)}
        if self.label == "class":
            values["class"] = Target("class", (), self.classes, self.counts)
        elif self.label == "number":
            values["number"] = Target("number", (1,))
        return values


def asked_text(cases: str, labels: str, patients: str, missing: str) -> str:
    """The settings that say how a table is read, as words. The same words are learned when it is read."""
    named = {"cases": cases.strip(), "labels": labels.strip(), "patients": patients.strip()}
    return ", ".join([*(f"{name} {column}" for name, column in named.items() if column), f"missing {missing}"])
