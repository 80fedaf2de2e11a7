"""What asking and fetching tell, one frozen record each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Study:
    """A study that the PACS holds; a count is None where the PACS does not say."""

    uid: str
    patient_id: str
    patient_name: str
    accession: str
    date: str  # 2024-01-31, or as the PACS wrote it
    description: str
    modalities: tuple[str, ...]
    series: int | None
    images: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a study."""

    study: str
    uid: str
    number: str
    modality: str
    description: str
    images: int | None


@dataclass(frozen=True, slots=True)
class Image:
    """One object of a series; `kind` is its SOP class, "" where the PACS does not say."""

    uid: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far fetching has come, told a few times a second."""

    files: int  # on disk now, of those asked for: fetched in this call or there before
    of: int | None  # None while the PACS does not say how many there are
    bytes: int  # fetched in this call
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know; the work goes on."""

    message: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """The last event of a fetch. `missing` images did not come; `cancelled` says that the user wanted no more."""

    folder: str
    fetched: int
    present: int  # were there before
    missing: int
    bytes: int
    cancelled: bool = False


Event = Study | Series | Progress | Warned | Fetched


def record_of(event: Event) -> dict[str, Any]:
    """An event as JSON has it: its fields, and its name as `event`."""
    return {"event": type(event).__name__.lower(), **dataclasses.asdict(event)}
