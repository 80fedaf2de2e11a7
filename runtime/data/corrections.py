"""What was mended by hand: labels given anew and cases left out, kept as a setting of the source node.

Cases stand there as hashes (`case_code`), so neither a project nor a run folder holds a file's name for them, and
files may be added, moved to another folder with the data, or taken away: what concerns no case waits until it is back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from runtime.data.catalogue import DataError, DataSet, Sample, Skipped
from runtime.data.several_numbers import numbers_in
from runtime.data.wording import counted

LEFT_OUT = "is left out by hand"
_SALT = "netloom case"
_LENGTH = 24
_BY_HAND = ("class", "labels", "number")  # kinds of labels that can be given by hand


@dataclass(frozen=True, slots=True)
class Corrections:
    """By the codes of cases: labels by hand (a class, several separated by ";", or a number), and those left out."""

    labels: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def with_label(self, keys: Iterable[str], label: str) -> Corrections:
        """With another label for these cases (`Sample.key`)."""
        return replace(self, labels={**self.labels, **{case_code(key): label for key in keys}})

    def without_label(self, keys: Iterable[str]) -> Corrections:
        """With the labels that the data give to these cases."""
        gone = {case_code(key) for key in keys}
        return replace(self, labels={code: label for code, label in self.labels.items() if code not in gone})

    def leaving_out(self, keys: Iterable[str]) -> Corrections:
        """Without these cases."""
        return replace(self, left_out=self.left_out | {case_code(key) for key in keys})

    def taking_back(self, keys: Iterable[str]) -> Corrections:
        """With these cases again."""
        return replace(self, left_out=self.left_out - {case_code(key) for key in keys})

    def label_of(self, key: str) -> str | None:
        """The label given by hand to a case; None when there is none."""
        return self.labels.get(case_code(key))

    def is_left_out(self, key: str) -> bool:
        """Whether a case is left out."""
        return case_code(key) in self.left_out

    def as_setting(self) -> list[str]:
        """As the source node stores it (`corrections`)."""
        labels = [f"label {code} {label}" for code, label in sorted(self.labels.items())]
        return [*labels, *(f"out {code}" for code in sorted(self.left_out))]


def corrections_in(setting: object) -> Corrections:
    """The corrections in a source node's setting; entries that are none are passed by."""
    labels: dict[str, str] = {}
    left_out: set[str] = set()
    for entry in setting if isinstance(setting, list | tuple) else ():
        match str(entry).split(" ", 2):
            case ["label", code, label]:
                labels[code] = label
            case ["out", code]:
                left_out.add(code)
    return Corrections(labels, frozenset(left_out))


def case_code(key: str) -> str:
    """The hash that stands for a case."""
    return hashlib.sha256(f"{_SALT}\0{key}".encode("utf-8", "surrogateescape")).hexdigest()[:_LENGTH]


def corrected(dataset: DataSet, corrections: Corrections) -> DataSet:
    """The data set with the corrections: labels, classes and counts follow; cases left out are listed as skipped.

    Raises DataError when nothing is left, or when a number was given as a word.
    """
    if not corrections.labels and not corrections.left_out:
        return dataset
    codes = [case_code(sample.key) for sample in dataset.samples]
    pairs = list(zip(codes, dataset.samples, strict=True))
    kept = [(code, sample) for code, sample in pairs if code not in corrections.left_out]
    samples = tuple(_mended(sample, code, corrections, dataset) for code, sample in kept)
    if not samples:
        raise DataError(f"All {len(codes)} cases of {dataset.folder} are left out by hand: take some of them back.")
    gone = [sample for code, sample in pairs if code in corrections.left_out]
    labelled = sum(code in corrections.labels for code, _ in kept)
    return replace(
        dataset,
        samples=samples,
        classes=_classes(dataset, samples),
        fingerprint=_fingerprint(dataset, corrections, set(codes)),
        said=(*dataset.said, *_said(labelled if dataset.label in _BY_HAND else 0, len(gone))),
        warnings=(*dataset.warnings, *_unmatched(corrections, set(codes)), *_unused(dataset, labelled)),
        skipped=(*dataset.skipped, *(Skipped(sample.key, LEFT_OUT) for sample in gone)),
    )


def _classes(dataset: DataSet, samples: Iterable[Sample]) -> tuple[str, ...]:
    if dataset.label == "class":
        return tuple(sorted({sample.label for sample in samples if sample.label is not None}))
    if dataset.label == "labels":
        return tuple(sorted({name for sample in samples for name in sample.labels or ()} | set(dataset.classes)))
    return dataset.classes


def _mended(sample: Sample, code: str, corrections: Corrections, dataset: DataSet) -> Sample:
    label = corrections.labels.get(code)
    if label is None or dataset.label not in _BY_HAND:
        return sample
    if dataset.label == "class":
        return replace(sample, label=label)
    if dataset.label == "labels":
        return replace(sample, labels=tuple(sorted({name.strip() for name in label.split(";") if name.strip()})))
    if dataset.classes:
        return replace(sample, numbers=_numbers(sample, label, dataset.classes))
    try:
        return replace(sample, number=float(label.replace(",", ".")))
    except ValueError as error:
        raise DataError(
            f"“{label}” was given by hand as the label of {sample.key}, but these labels are numbers; give a number."
        ) from error


def _numbers(sample: Sample, label: str, names: tuple[str, ...]) -> tuple[float, ...]:
    found = numbers_in(label, len(names))
    if found is None:
        raise DataError(
            f"“{label}” was given by hand as the label of {sample.key}, but it has {len(names)} numbers "
            f"({', '.join(names)}); give all of them, separated by semicolons."
        )
    return found


def _unused(dataset: DataSet, labelled: int) -> list[str]:
    if not labelled or dataset.label in _BY_HAND:
        return []
    return [f"{counted(labelled, 'label')} given by hand cannot be used: no classes or numbers are learned now."]


def _fingerprint(dataset: DataSet, corrections: Corrections, codes: set[str]) -> str:
    """As before where no correction concerns these cases."""
    about = [entry for entry in corrections.as_setting() if entry.split(" ")[1] in codes]
    if not about:
        return dataset.fingerprint
    return hashlib.sha256(repr((dataset.fingerprint, about)).encode()).hexdigest()


def _said(labels: int, gone: int) -> list[str]:
    told = [f"{counted(labels, 'label')} corrected by hand"] if labels else []
    told += [f"{counted(gone, 'case')} left out by hand"] if gone else []
    return [f"{', '.join(told)}."] if told else []


def _unmatched(corrections: Corrections, codes: set[str]) -> list[str]:
    lost = len({*corrections.labels, *corrections.left_out} - codes)
    if not lost:
        return []
    if lost == 1:
        return ["1 correction made by hand concerns no case that is there now; it waits until the case is back."]
    return [f"{lost} corrections made by hand concern no case that is there now; they wait until the cases are back."]
