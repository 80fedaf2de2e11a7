"""A warning about data that matters: what was seen, with counts, in which cases, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "patient_in_two_parts",
    "copies_in_two_parts",
    "copies_disagree",
    "confounded",
    "one_class",
    "tiny_class",
    "class_missing_in_part",
    "burned_in_text",
    "patients_unknown",
]


@dataclass(frozen=True, slots=True)
class DataWarning:
    """One finding. `cases` are keys of samples (`Sample.key`); () where it concerns the data as a whole."""

    code: Code
    text: str  # one sentence with counts; it names no patient
    advice: str  # what to do, one sentence
    cases: tuple[str, ...] = ()
    field: str = ""  # for "confounded": what goes with the class, such as "scanner"

    @property
    def sentence(self) -> str:
        """Finding and advice."""
        return f"{self.text} {self.advice}"
