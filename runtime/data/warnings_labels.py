"""Warnings about the labels and patients of a data set: one class only, tiny classes, unknown patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runtime.data.catalogue import DataSet, Sample
from runtime.data.warning_record import DataWarning
from runtime.data.wording import counted

FEW_CASES = 10
FEW_PATIENTS = 5


def label_warnings(dataset: DataSet) -> Iterator[DataWarning]:
    """What of the labels and patients keeps measures from meaning much."""
    by_class = cases_by_class(dataset)
    if dataset.label == "class" and len(by_class) == 1:
        (only,) = by_class
        yield DataWarning(
            "one_class",
            f"All {len(dataset.samples)} cases are of the class “{only}”.",
            "There is nothing to tell apart: add cases of another class, or choose other labels.",
        )
    elif dataset.label == "number" and dataset.classes:
        yield from _same_numbers(dataset)
    elif dataset.label == "number" and len({sample.number for sample in dataset.samples}) == 1:
        yield DataWarning(
            "one_class",
            f"All {len(dataset.samples)} cases have the number {dataset.samples[0].number:g}.",
            "There is nothing to learn: choose another column of labels.",
        )
    elif dataset.label in ("class", "labels", "boxes"):
        yield from _tiny(by_class)
    elif dataset.label == "mask":
        yield from _not_drawn(dataset)
    unknown = tuple(sample.key for sample in dataset.samples if not sample.patient)
    if unknown:
        yield DataWarning(
            "patients_unknown",
            f"No patient is known for {len(unknown)} of {counted(len(dataset.samples), 'case')}.",
            "Images of one patient may train and test: name the patients in a column “patient” of a table or by a "
            "folder level.",
            unknown,
        )


def _same_numbers(dataset: DataSet) -> Iterator[DataWarning]:
    """Of several numbers, those that are the same in all cases."""
    columns = zip(*(sample.numbers for sample in dataset.samples), strict=True)
    for name, column in zip(dataset.classes, columns, strict=True):
        if len(set(column)) == 1:
            yield DataWarning(
                "one_class",
                f"“{name}” is {column[0]:g} in all {len(dataset.samples)} cases.",
                "There is nothing to learn of it: leave this column out of the labels.",
            )


def cases_by_class(dataset: DataSet) -> Mapping[str, list[Sample]]:
    """The cases of each class; a case with several labels, or with boxes of several classes, is in each of them."""
    found: dict[str, list[Sample]] = {name: [] for name in dataset.classes}
    for sample in dataset.samples:
        for name in classes_of(sample):
            found.setdefault(name, []).append(sample)
    return found


def classes_of(sample: Sample) -> tuple[str, ...]:
    """The classes that a case has: its class, its labels, or those of its boxes, each once."""
    boxed = sorted({box.label for box in sample.boxes or ()})
    return (*(() if sample.label is None else (sample.label,)), *(sample.labels or ()), *boxed)


def _not_drawn(dataset: DataSet) -> Iterator[DataWarning]:
    empty = [name for name, count in zip(dataset.classes, dataset.pixel_counts, strict=False) if not count]
    if empty:
        classes = "class" if len(empty) == 1 else "classes"
        yield DataWarning(
            "tiny_class",
            f"No pixel of the {classes} {', '.join(f'“{name}”' for name in empty)} is drawn in any mask.",
            "It cannot be learned, and takes room in the network: add cases in which it is drawn, or choose other "
            "masks.",
        )


def _tiny(by_class: Mapping[str, list[Sample]]) -> Iterator[DataWarning]:
    for name, cases in sorted(by_class.items()):
        patients = len({sample.group for sample in cases})
        named = any(sample.patient for sample in cases)
        if len(cases) >= FEW_CASES and (patients >= FEW_PATIENTS or not named):
            continue
        whose = f" of {counted(patients, 'patient')}" if named else ""
        yield DataWarning(
            "tiny_class",
            f"The class “{name}” has only {counted(len(cases), 'case')}{whose}.",
            "What is measured for it will depend on single cases: add cases, join it with another class, or leave it "
            "out.",
            tuple(sample.key for sample in cases),
        )
