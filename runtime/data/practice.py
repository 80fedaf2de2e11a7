"""Practice data: synthetic but real files, so that the program can be tried with nothing at hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from PIL import Image

from runtime.data.catalogue import DataError
from runtime.data.practice_anatomy import Head, make_head, tissues
from runtime.data.practice_candidates import brain, candidates, spot_of
from runtime.data.practice_dicom import SeriesOf, write_slice
from runtime.data.practice_ecg import write_recordings
from runtime.data.practice_lesion import make_lesion, share
from runtime.data.practice_names import PracticeName
from runtime.data.practice_scanner import FLAIR, PIXEL_MM, T1, T2, VIEW_MM, acquire, halved, make_scanner, moved
from runtime.data.practice_tables import TABLES, UNIT_MM

_FEWEST, _MOST = 10, 16  # slices of a patient
_CANDIDATES = 16  # bright spots of a slice
_CONTRAST = (0.5, 1.0)  # of small lesions: how far they are from brain (0) to as bright as large ones (1)
_LOWEST, _HIGHEST = -0.36, 0.82  # head units: from the eyes to near the top
_TIMES = {"T1": (550.0, 12.0), "T2": (4200.0, 95.0), "FLAIR": (9000.0, 110.0)}  # repetition and echo time, ms


@dataclass(frozen=True, slots=True)
class _Slice:
    """One slice of one series, with a file name that does not follow the order of slices."""

    instance: int
    height: float
    stem: str
    position_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Patient:
    name: str
    head: Head
    heights: tuple[float, ...]


def write_practice(name: PracticeName, folder: Path, patients: int = 12, seed: int = 0) -> int:
    """Writes a synthetic data set into a new or empty folder and returns the number of images or signals written.

    `t1-t2`: `T1/PATIENT/*.dcm` and `T2/PATIENT/*.dcm`, the folder is the class. `lesion`: `images/PATIENT/*.dcm` with
    `masks/PATIENT/*.png` (0 and 255). `size`: `images/PATIENT/*.dcm` with `labels.csv` (path, patient, diameter_mm: the
    diameter of the circle that has the lesion's area); `place` the same with x_mm, y_mm and diameter_mm of a lesion,
    `findings` with 0 or 1 for lesion, cyst and motion, `grades` with a grade of 0 to 3. `candidates`:
    `images/PATIENT/*.dcm` with `candidates.csv` (path, patient, x, y, class: bright spots, some of them lesions) and
    `findings.csv` (path, x, y, radius of each lesion, also of those that are no candidate), in pixels. All images are
    128 x 128 MR slices of 12 bits. `ecg`: `RHYTHM/PATIENT/*.dcm`, 12-lead ECGs of 10 s, the folder is the class;
    `ecg-csv`: `PATIENT/*.csv` with `labels.csv` (path, patient, rhythm). The same seed writes the same files.

    Raises DataError when the name is unknown, the folder is not empty or cannot be written, or `patients` is below 1.
    """
    if name not in get_args(PracticeName):
        raise DataError(f"There is no practice data '{name}': choose {', '.join(get_args(PracticeName))}.")
    if not 1 <= patients <= 999:
        raise DataError(f"{patients} patients cannot be made: choose a number from 1 to 999.")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise DataError(f"The folder {folder} is not empty: choose a new one.")
        return sum(_write_patient(name, folder, number, seed) for number in range(1, patients + 1))
    except OSError as error:
        raise DataError(f"The practice data cannot be written to {folder}: {error.strerror or error}.") from error


def _write_patient(name: PracticeName, folder: Path, number: int, seed: int) -> int:
    rng = np.random.default_rng([seed, number, get_args(PracticeName).index(name)])
    if name in ("ecg", "ecg-csv"):
        return write_recordings(folder, f"PRACTICE-{number:03d}", number, seed, rng, as_dicom=name == "ecg")
    slices = int(rng.integers(_FEWEST, _MOST + 1))
    low, high = _LOWEST + rng.uniform(-0.05, 0.08), _HIGHEST + rng.uniform(-0.08, 0.05)
    heights = tuple(float(height) for height in np.linspace(low, high, slices))
    patient = _Patient(f"PRACTICE-{number:03d}", make_head(rng), heights)
    match name:
        case "t1-t2":
            return _write_contrasts(folder, patient, seed, rng)
        case "lesion":
            return _write_lesions(folder, patient, seed, rng)
        case "candidates":
            return _write_candidates(folder, patient, seed, rng)
        case _:
            return _write_table(name, folder, patient, seed, rng)


def _slices(patient: _Patient, rng: np.random.Generator) -> Iterator[_Slice]:
    names = rng.permutation(len(patient.heights)) + 1
    gap = round((patient.heights[1] - patient.heights[0]) * UNIT_MM, 2)
    corner = -VIEW_MM / 2 + PIXEL_MM / 2
    for index, height in enumerate(patient.heights):
        place = (corner, corner, index * gap)
        yield _Slice(index + 1, height, f"IM{names[index]:04d}", place, (gap, PIXEL_MM))


def _series(name: PracticeName, seed: int, patient: str, contrast: str, number: int = 1) -> SeriesOf:
    return SeriesOf(name, seed, patient, contrast, number, *_TIMES[contrast])


def _write_contrasts(folder: Path, patient: _Patient, seed: int, rng: np.random.Generator) -> int:
    anatomy = {height: tissues(patient.head, height) for height in patient.heights}
    for number, (name, contrast) in enumerate((("T1", T1), ("T2", T2)), start=1):
        place = folder / name / patient.name
        place.mkdir(parents=True)
        scanner = make_scanner(rng)
        for one in _slices(patient, rng):
            pixels = acquire(anatomy[one.height], contrast, scanner, rng)
            series = _series("t1-t2", seed, patient.name, name, number)
            write_slice(place / f"{one.stem}.dcm", pixels, series, one.instance, one.position_mm, one.spacing_mm)
    return 2 * len(patient.heights)


def _write_lesions(folder: Path, patient: _Patient, seed: int, rng: np.random.Generator) -> int:
    """One lesion in space, through several slices; the others have an empty mask."""
    images, masks = folder / "images" / patient.name, folder / "masks" / patient.name
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    scanner = make_scanner(rng)
    lesion = make_lesion(patient.head, float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.10, 0.24)), rng)
    for one in _slices(patient, rng):
        bright = share(lesion, patient.head, one.height)
        pixels = acquire(tissues(patient.head, one.height), FLAIR, scanner, rng, bright)
        series = _series("lesion", seed, patient.name, "FLAIR")
        write_slice(images / f"{one.stem}.dcm", pixels, series, one.instance, one.position_mm, one.spacing_mm)
        mask = np.where(halved(moved(bright, scanner)) >= 0.5, 255, 0).astype(np.uint8)
        Image.fromarray(mask).save(masks / f"{one.stem}.png")
    return len(patient.heights)


def _write_table(name: PracticeName, folder: Path, patient: _Patient, seed: int, rng: np.random.Generator) -> int:
    """Slices each with a row of its own in `labels.csv`."""
    table = TABLES[name]
    images = folder / "images" / patient.name
    images.mkdir(parents=True)
    scanner = make_scanner(rng)
    rows = []
    for one in _slices(patient, rng):
        pixels, cells = table.draw(patient.head, one.height, scanner, rng)
        series = _series(name, seed, patient.name, "FLAIR")
        write_slice(images / f"{one.stem}.dcm", pixels, series, one.instance, one.position_mm, one.spacing_mm)
        rows.append((f"images/{patient.name}/{one.stem}.dcm", patient.name, *cells))
    _append_rows(folder / "labels.csv", ("path", "patient", *table.columns), rows)
    return len(patient.heights)


def _write_candidates(folder: Path, patient: _Patient, seed: int, rng: np.random.Generator) -> int:
    """Up to three small lesions in each slice, and the bright spots that a simple detector takes for some."""
    images = folder / "images" / patient.name
    images.mkdir(parents=True)
    scanner = make_scanner(rng)
    points, findings = list[tuple[str, ...]](), list[tuple[str, ...]]()
    for one in _slices(patient, rng):
        each = [
            share(make_lesion(patient.head, one.height, float(rng.uniform(7, 15)) / 2 / UNIT_MM, rng, uneven=0.06),
                  patient.head, one.height)
            for _ in range(int(rng.integers(0, 4)))
        ]  # fmt: skip
        labels = tissues(patient.head, one.height)
        seen = [bright * float(rng.uniform(*_CONTRAST)) for bright in each]
        pixels = acquire(labels, FLAIR, scanner, rng, np.maximum.reduce(seen) if seen else None)
        series = _series("candidates", seed, patient.name, "FLAIR")
        write_slice(images / f"{one.stem}.dcm", pixels, series, one.instance, one.position_mm, one.spacing_mm)
        path = f"images/{patient.name}/{one.stem}.dcm"
        spots = [spot for bright in each if (spot := spot_of(halved(moved(bright, scanner)))) is not None]
        findings += [(path, f"{spot.x:.1f}", f"{spot.y:.1f}", f"{spot.radius + 1:.1f}") for spot in spots]
        for x, y in candidates(pixels, halved(moved(brain(labels), scanner)) >= 0.5, _CANDIDATES):
            is_one = any(np.hypot(x - spot.x, y - spot.y) <= round(spot.radius + 1, 1) for spot in spots)
            points.append((path, patient.name, str(x), str(y), "lesion" if is_one else "no finding"))
    _append_rows(folder / "candidates.csv", ("path", "patient", "x", "y", "class"), points)
    _append_rows(folder / "findings.csv", ("path", "x", "y", "radius"), findings)
    return len(patient.heights)


def _append_rows(path: Path, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(columns)
        writer.writerows(sorted(rows))
