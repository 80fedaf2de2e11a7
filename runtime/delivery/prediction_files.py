"""Predictions on disk: a table (CSV) with one row for each image, and a file for each mask, image or set of boxes."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runtime.data.faults import FileFault
from runtime.delivery.answers import Answer, Row, classes_of
from runtime.delivery.box_files import BoxTable, framed_picture
from runtime.delivery.contract import OutputContract
from runtime.delivery.made_images import MaskForm
from runtime.delivery.pictures import DRAWN, picture
from runtime.errors import RunError
from runtime.spreadsheet import safe_cell

if TYPE_CHECKING:
    from runtime.delivery.dicom_files import DicomFiles


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the table, how many rows have an answer or a problem, the folder of pictures if any."""

    file: Path
    answered: int
    failed: int
    pictures: Path | None
    boxes: Path | None = None  # the table of boxes


def write_predictions(rows: Iterable[Row], out: Path, form: MaskForm = "auto") -> Written:
    """Write the table to `out`, masks to a folder beside it. Raises RunError when the disk refuses.

    Columns: path (of points also x, y and in volumes z), predicted, p:CLASS for each class, predicted:NAME for each of
    several numbers, mask, image or picture (relative paths), problem. Boxes have a table of their own beside it,
    `OUT-boxes.csv` (see runtime.delivery.box_files). Outputs after the first carry their name before each column. Text
    that a spreadsheet would run as a formula gets a ' in front.
    Masks hold the values of the masks that were learned from, where these name the classes, else 1, 2, ...
    `form` of masks: "auto" (PNG for slices, NIfTI for volumes), "png", "nifti", "dicom" (segmentations of whole series,
    and a structured report of all answers), "csv" (the table alone).
    """
    dicom = _dicom_files(out) if form == "dicom" else None
    part = out.with_name(f".{out.name}.part")
    folder = out.with_name(f"{out.stem}-pictures")
    boxes = BoxTable(out)
    counts = _Counts()
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            for found in rows:
                row, made = _kept(dicom, found) if dicom is not None else (found, None)
                if not counts.rows:
                    table.writerow(columns_of(row.outputs, len(row.at)))
                table.writerow(cells_of(row, folder, out.parent, form, made))
                boxes.add(row)
                counts.add(row, form)
            if not counts.rows:
                table.writerow(["path", "predicted", "problem"])
            counts.drawn |= dicom is not None and bool(list(dicom.finish()))
            file.flush()
            os.fsync(file.fileno())
        boxes.finish()
        os.replace(part, out)
    except OSError as error:
        raise RunError(f"The predictions cannot be written to {out}: {error.strerror or error}.") from error
    except FileFault as fault:
        raise RunError(f"An image was changed while it was predicted: it {fault}; predict again.") from fault
    finally:
        part.unlink(missing_ok=True)
        boxes.drop()
    pictures = (folder if dicom is None else dicom.folder) if counts.drawn else None
    return Written(out, counts.rows - counts.failed, counts.failed, pictures, boxes.path if boxes.written else None)


@dataclass
class _Counts:
    """How many rows were written, how many of them have a problem, and whether a picture was made."""

    rows: int = 0
    failed: int = 0
    drawn: bool = False

    def add(self, row: Row, form: MaskForm) -> None:
        """Count a row."""
        self.rows += 1
        self.failed += bool(row.problem)
        self.drawn |= form in DRAWN and any(_is_drawn(answer) for answer in row.answers)


def _dicom_files(out: Path) -> DicomFiles:
    from runtime.delivery.dicom_files import DicomFiles  # takes a second, which only who asks for DICOM waits for

    return DicomFiles(out.with_name(f"{out.stem}-dicom"))


def _kept(dicom: DicomFiles, row: Row) -> tuple[Row, Path | None]:
    """The row, and the DICOM file that its mask will be in; an image that DICOM cannot refer to is a problem."""
    if row.problem:
        return row, None
    try:
        return row, dicom.add(row)
    except RunError as error:
        return replace(row, answers=(), problem=str(error)), None


def told(row: Row) -> dict[str, Any]:
    """A row as one JSON object, for who reads while it is predicted."""
    return {
        "path": row.path,
        **({"at": [float(place) for place in row.at if place]} if row.at else {}),
        "predicted": [answer.predicted for answer in row.answers],
        "probabilities": {
            name: round(share, 6)
            for output, answer in zip(row.outputs[:1], row.answers[:1], strict=False)
            for name, share in zip(classes_of(output), answer.probabilities, strict=False)
        },
        **_told_numbers(row),
        **_told_shares(row),
        **_told_boxes(row),
        "problem": row.problem,
    }


def _told_numbers(row: Row) -> dict[str, Any]:
    """Several numbers of the first output, by their names."""
    output, answer = next(zip(row.outputs, row.answers, strict=False), (None, None))
    if output is None or answer is None or not answer.numbers:
        return {}
    return {"numbers": dict(zip(classes_of(output), answer.numbers, strict=True))}


def _told_shares(row: Row) -> dict[str, Any]:
    """How much of the image the first output's mask gives to each class but the background, of 1."""
    output, answer = next(zip(row.outputs, row.answers, strict=False), (None, None))
    if output is None or answer is None or answer.mask is None:
        return {}
    names = classes_of(output)
    counts = np.bincount(answer.mask.reshape(-1), minlength=len(names)).tolist()
    pairs = list(zip(names, counts, strict=True))[1:]
    return {"shares": {name: count / answer.mask.size for name, count in pairs if count}}


def _told_boxes(row: Row) -> dict[str, Any]:
    """The boxes of the first output: class, probability, edges in pixels of the image."""
    output, answer = next(zip(row.outputs, row.answers, strict=False), (None, None))
    if output is None or answer is None or answer.boxes is None:
        return {}
    names = classes_of(output)
    boxes = [[round(float(value), 4) for value in box] for box in answer.boxes]
    return {"boxes": [{"class": names[int(box[5])], "probability": box[4], "edges": box[:4]} for box in boxes]}


def columns_of(outputs: tuple[OutputContract, ...], axes: int = 0) -> list[str]:
    """The head of the table, safe for spreadsheets; `axes` of the places of points, 0 for whole images."""
    columns = ["path", *"xyz"[:axes]]
    for number, output in enumerate(outputs):
        before = f"{output.name} " if number else ""
        columns += [f"{before}{column}" for column in _own_columns(output)]
    return [safe_cell(column) for column in [*columns, "problem"]]


def _own_columns(output: OutputContract) -> list[str]:
    if output.task in ("classification", "several labels"):
        return ["predicted", *(f"p:{name}" for name in classes_of(output))]
    if output.task == "segmentation":
        return ["predicted", "mask"]
    if output.task == "detection":
        return ["predicted", "picture"]
    if output.task == "regression" and output.shape[0] > 1:
        return ["predicted", *(f"predicted:{name}" for name in classes_of(output))]
    return ["predicted", "image"] if len(output.shape) > 1 else ["predicted"]


def cells_of(row: Row, folder: Path, beside: Path, form: MaskForm = "auto", made: Path | None = None) -> list[str]:
    """A row of the table; masks and images are written into `folder`, and named relative to `beside`. `made` is the
    file that holds a mask already.

    Raises OSError, and FileFault when the original image was changed meanwhile.
    """
    cells = [safe_cell(row.path), *row.at]
    for number, output in enumerate(row.outputs):
        width = len(_own_columns(output))
        if row.problem:
            cells += [""] * width
            continue
        answer = row.answers[number]
        text = output.task in ("classification", "several labels", "segmentation", "detection") or answer.numbers
        cells.append(safe_cell(answer.predicted) if text else answer.predicted)
        cells += [str(np.float32(number)) for number in answer.numbers]
        cells += [f"{share:.6f}" for share in answer.probabilities]
        if _is_drawn(answer):
            place = folder / output.tensor if len(row.outputs) > 1 else folder
            file = _drawn(row, number, place, form) if form in DRAWN else made
            cells.append(safe_cell(file.relative_to(beside).as_posix()) if file is not None else "")
    return [*cells, safe_cell(row.problem)]


def _is_drawn(answer: Answer) -> bool:
    return answer.mask is not None or answer.image is not None or answer.boxes is not None


def _drawn(row: Row, number: int, place: Path, form: MaskForm) -> Path:
    answer = row.answers[number]
    if answer.boxes is not None:
        return framed_picture(row.path, answer, classes_of(row.outputs[number]), place)
    return picture(row, answer, place, form, classes_of(row.outputs[number]))
