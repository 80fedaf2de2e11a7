"""The series of a folder below their patients and studies."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.data.catalogue import Catalogue, Series


@dataclass(frozen=True, slots=True)
class Study:
    """One examination of a patient, with its series."""

    uid: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient ("" where the files name none), with the examinations."""

    name: str
    studies: tuple[Study, ...]


def tree_of(catalogue: Catalogue) -> tuple[Patient, ...]:
    """Patients, studies, series, in order of their names; each series holds its stacks with their verdicts."""
    patients: dict[str, dict[str, list[Series]]] = {}
    for row in sorted(catalogue.series, key=lambda row: (row.patient, row.study, row.uid)):
        patients.setdefault(row.patient, {}).setdefault(row.study, []).append(row)
    return tuple(
        Patient(name, tuple(Study(uid, tuple(rows)) for uid, rows in studies.items()))
        for name, studies in patients.items()
    )
