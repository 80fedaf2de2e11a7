"""Predictions on disk: a table (CSV) with one row for each image, and a mask file for each segmented one."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.answers import Answer, Indexes, Row, classes_of
from runtime.contract import OutputContract
from runtime.data.faults import FileFault
from runtime.data.volumes import affine_of
from runtime.errors import RunError
from runtime.spreadsheet import safe_cell


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the table, how many rows have an answer or a problem, the folder of pictures if any."""

    file: Path
    answered: int
    failed: int
    pictures: Path | None


def write_predictions(rows: Iterable[Row], out: Path) -> Written:
    """Write the table to `out`, masks to a folder beside it. Raises RunError when the disk refuses.

    Columns: path, predicted, p:CLASS for each class, mask or image (relative paths), problem. Outputs after the first
    carry their name before each column. Text that a spreadsheet would run as a formula gets a ' in front.
    """
    part = out.with_name(f".{out.name}.part")
    folder = out.with_name(f"{out.stem}-pictures")
    answered = failed = 0
    drawn = False
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            for number, row in enumerate(rows):
                if number == 0:
                    table.writerow([safe_cell(column) for column in _columns(row.outputs)])
                table.writerow(_cells(row, folder, out.parent))
                answered += not row.problem
                drawn |= any(_is_drawn(answer) for answer in row.answers)
                failed += bool(row.problem)
            if not answered + failed:
                table.writerow(["path", "predicted", "problem"])
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, out)
    except OSError as error:
        raise RunError(f"The predictions cannot be written to {out}: {error.strerror or error}.") from error
    except FileFault as fault:
        raise RunError(f"An image was changed while it was predicted: it {fault}; predict again.") from fault
    finally:
        part.unlink(missing_ok=True)
    return Written(out, answered, failed, folder if drawn else None)


def _columns(outputs: tuple[OutputContract, ...]) -> list[str]:
    columns = ["path"]
    for number, output in enumerate(outputs):
        before = f"{output.name} " if number else ""
        columns += [f"{before}{column}" for column in _own_columns(output)]
    return [*columns, "problem"]


def _own_columns(output: OutputContract) -> list[str]:
    if output.task in ("classification", "several labels"):
        return ["predicted", *(f"p:{name}" for name in classes_of(output))]
    if output.task == "segmentation":
        return ["predicted", "mask"]
    return ["predicted", "image"] if len(output.shape) > 1 else ["predicted"]


def _cells(row: Row, folder: Path, beside: Path) -> list[str]:
    cells = [safe_cell(row.path)]
    for number, output in enumerate(row.outputs):
        width = len(_own_columns(output))
        if row.problem:
            cells += [""] * width
            continue
        answer = row.answers[number]
        text = output.task in ("classification", "several labels", "segmentation")
        cells.append(safe_cell(answer.predicted) if text else answer.predicted)
        cells += [f"{share:.6f}" for share in answer.probabilities]
        if _is_drawn(answer):
            place = folder / output.tensor if len(row.outputs) > 1 else folder
            cells.append(safe_cell(_picture(row, answer, place).relative_to(beside).as_posix()))
    return [*cells, safe_cell(row.problem)]


def _is_drawn(answer: Answer) -> bool:
    return answer.mask is not None or answer.image is not None


def _picture(row: Row, answer: Answer, folder: Path) -> Path:
    stem = folder / row.path
    stem.parent.mkdir(parents=True, exist_ok=True)
    if answer.mask is None:
        return _write_image(answer, stem)
    if answer.mask.ndim == 3:
        return _write_volume(answer.mask, row, stem)
    path = stem.with_name(f"{stem.name}.png")
    small = answer.mask.max(initial=0) < 256
    Image.fromarray(answer.mask.astype(np.uint8) if small else answer.mask).save(path)
    return path


def _write_volume(mask: Indexes, row: Row, stem: Path) -> Path:
    """A volume's mask as NIfTI, turned back as the image's own file has it, so that viewers lay it over the image."""
    path = stem.with_name(f"{stem.name.removesuffix('.gz').removesuffix('.nii')}-mask.nii.gz")
    if row.affine:  # put together from slices that say where they lie
        placed = nibabel.Nifti1Image(np.ascontiguousarray(mask.transpose(2, 1, 0)), np.array(row.affine))  # type: ignore[no-untyped-call]
        nibabel.save(placed, path)
        return path
    standard: NDArray[Any] = mask.transpose(2, 1, 0)[::-1, ::-1]
    affine = np.eye(4)
    if row.original is not None:
        affine = affine_of(row.original)
        standard = _turned_back(standard, affine)
    image = nibabel.Nifti1Image(np.ascontiguousarray(standard), affine)  # type: ignore[no-untyped-call]
    nibabel.save(image, path)
    return path


def _turned_back(mask: NDArray[Any], affine: NDArray[Any]) -> NDArray[Any]:
    """From standard axes (right, front, head) to those of a file with this affine."""
    orientations: Any = nibabel.orientations
    way = orientations.ornt_transform(orientations.io_orientation(np.eye(4)), orientations.io_orientation(affine))
    turned: NDArray[Any] = orientations.apply_orientation(mask, way)
    return turned


def _write_image(answer: Answer, stem: Path) -> Path:
    """The picture that a network made, as a float TIFF, one page for each channel (and slice)."""
    path = stem.with_name(f"{stem.name}.tiff")
    image = np.empty((0, 1, 1), np.float32) if answer.image is None else answer.image
    pages = [Image.fromarray(page) for page in image.reshape(-1, *image.shape[-2:])]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path
