"""A folder as a data set: which files are the cases, what is learned from them, their patients and parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from runtime.data.catalogue import Catalogue, DataError, DataSet, FileKind, Found, Skipped
from runtime.data.corrections import corrected, corrections_in
from runtime.data.forms import formed
from runtime.data.label_choice import choose_labels
from runtime.data.label_folders import check_patients_setting
from runtime.data.label_paths import listed
from runtime.data.label_records import BY_NOTHING, Labelling, Question, may_be_mask
from runtime.data.label_samples import fingerprint, make_samples, patient_warnings, sample_facts, sample_warnings
from runtime.data.label_series_masks import mask_volumes
from runtime.data.label_values import Progress
from runtime.data.points.cases import pointed
from runtime.data.points.choice import ChosenPoints, chosen_points
from runtime.data.points.persons import persons_of
from runtime.data.taken import Taken
from runtime.data.warnings_data import data_warnings

T = TypeVar("T", int, str, tuple[int, ...])

_KINDS: tuple[FileKind, ...] = ("dicom", "volume", "image", "signal")
_KIND_WORDS = {"dicom": "DICOM files", "volume": "NIfTI volumes", "image": "image files", "signal": "signals"}


def read_dataset(
    folder: Path,
    labels: str = "",
    catalogue: Catalogue | None = None,
    patients: str = "",
    on_progress: Progress | None = None,
    corrections: Sequence[str] = (),
    taken: Taken | None = None,
) -> DataSet:
    """Reads a folder as a data set.

    `labels`: "" finds them (files of arrays, an index of Neural Network Console, a mask tree, NIfTI masks of whole
    DICOM series, DICOM segmentations, boxes, a fitting table, class folders; a table of points that is named candidates
    or points comes first); a table (`FILE.csv`, or `FILE.csv:COLUMN` to name the column of labels, or `FILE.csv:A,B`
    for several labels or several numbers; `FILE.csv@ENCODING` to name how its text is written), a box file, a DICOM
    segmentation or structure set, a NIfTI mask, the name of a folder of masks, `tag:KEYWORD` for a DICOM element;
    `points`, `points:FILE` or `points:FILE+FINDINGS` for tables of points, each of which is a case (see
    runtime.data.points.cases); `arrays`, `outlines`, `boxes`, `folders`; `none` for no labels.
    `patients`: the folder level that names the patient where the files do not ("1" the outermost, "-1" the folder that
    holds the image), or a folder-name pattern such as "patient*".
    `catalogue`: what `scan` found, to spare a second scan. `on_progress(done, total)` is called for files while they
    are read. `corrections`: what was mended by hand, as a source node keeps it.
    `taken`: what makes one case, such as neighbouring slices or another spacing; every file and frame as found unless
    given.

    Raises DataError when the folder does not exist or holds no usable image, and when `labels` or `patients` do not
    fit it.
    """
    folder = folder.absolute()
    if folder.is_file():
        raise DataError(f"{folder} is a file, not a folder: choose the folder that holds the images.")
    if not folder.is_dir():
        raise DataError(f"The folder {folder} does not exist: choose a folder that holds images.")
    check_patients_setting(patients)
    catalogue = catalogue if catalogue is not None else _scanned(folder, on_progress)
    chosen = _choose_kind(folder, catalogue, labels)
    points = chosen_points(folder, labels)
    asked = labels if points is None else BY_NOTHING
    labelling = _labelled(Question(folder, catalogue, chosen.candidates, asked, patients, on_progress), points)
    dataset = _dataset(folder, chosen, labelling, catalogue, patients)
    taken = taken or Taken()
    dataset = formed(dataset, catalogue, taken)
    if points is not None:
        dataset = pointed(dataset, catalogue, points, taken.patch)
    dataset = corrected(dataset, corrections_in(corrections))
    return replace(dataset, findings=data_warnings(dataset, catalogue))


def _labelled(question: Question, points: ChosenPoints | None) -> Labelling:
    """What the images are labelled with; of points, whose they are. Raises DataError when no image is left."""
    labelling = choose_labels(question)
    if points is not None:
        named, parts = persons_of(points, question.folder, labelling.images)
        labelling = replace(labelling, patients=named, parts=parts, files=points.files(question.folder), said=())
    if not labelling.images:
        raise DataError(f"No image of {question.folder} can be used. {' '.join(labelling.warnings)}".strip())
    return labelling


def _scanned(folder: Path, on_progress: Progress | None) -> Catalogue:
    from runtime.data.scan import scan

    return scan(folder, on_progress)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The files that may be cases, all of one kind, and what is to be told of that choice."""

    kind: FileKind
    candidates: list[Found]
    said: list[str]
    warnings: list[str]
    skipped: list[Skipped]


def _choose_kind(folder: Path, catalogue: Catalogue, labels: str) -> _Chosen:
    """DICOM before volumes before plain images; masks do not count. Files of the other kinds are skipped, and said."""
    images = [item for item in catalogue.found if not may_be_mask(item.path)] or list(catalogue.found)
    if not images:
        raise DataError(_nothing_found(folder, catalogue))
    tally = Counter(item.kind for item in images)
    kind = next(kind for kind in _KINDS if tally[kind])
    masks = {item.path for item in mask_volumes(catalogue.found, labels)} if kind == "dicom" else set()
    others = [item for item in images if item.kind != kind and item.path not in masks]
    words = _KIND_WORDS[kind]
    said = [f"The {'cases' if kind == 'signal' else 'images'} are {words} ({tally[kind]} found)."]
    warnings: list[str] = []
    left = Counter(item.kind for item in others)
    if others:
        rest = " and ".join(
            f"{left[other]} {_KIND_WORDS[other]}" for other in _KINDS if left[other]
        )
        text = f"{rest} are not used, because there are {words} in the folder"
        more = len(others) > tally[kind]
        (warnings if more else said).append(
            text + (": put them into a folder of their own to use them." if more else ".")
        )
    skipped = [Skipped(item.path, f"is not used, because there are {words} in the folder") for item in others]
    return _Chosen(kind, [item for item in catalogue.found if item.kind == kind], said, warnings, skipped)


def _nothing_found(folder: Path, catalogue: Catalogue) -> str:
    reasons = Counter(item.reason for item in catalogue.skipped)
    if not reasons:
        return f"The folder {folder} holds no files: choose a folder that holds images."
    if not catalogue.files:
        return " ".join(catalogue.problems)
    tally = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(20))
    more = f" (and {len(reasons) - 20} more reasons)" if len(reasons) > 20 else ""
    none = "The only file" if catalogue.files == 1 else f"None of the {catalogue.files} files"
    can = "cannot" if catalogue.files == 1 else "can"
    return f"{none} in {folder} {can} be used as an image: {tally}{more}."


def _dataset(folder: Path, chosen: _Chosen, labelling: Labelling, catalogue: Catalogue, patients: str) -> DataSet:
    told = {*labelling.files, *(item.path for item in labelling.skipped)}  # the labels know better what became of them
    samples = make_samples(labelling, patients)
    used = {sample.path for sample in samples}
    files = [item for item in catalogue.found if item.path in used]
    tops = {item.top for item in files}
    listed_already = {item.path for item in (*catalogue.skipped, *chosen.skipped, *labelling.skipped)}
    masks = {*labelling.masks.values(), *labelling.frame_masks.values()}
    left = _left_over(catalogue, used | masks | listed_already | {*labelling.files})
    return DataSet(
        folder=str(folder),
        kind=chosen.kind,
        samples=samples,
        label=labelling.kind,
        classes=labelling.classes,
        channels=_commonest([sample.channels for sample in samples]),
        size=_commonest([sample.size for sample in samples]),
        fingerprint=fingerprint(samples, catalogue),
        labels=labelling.chosen,
        said=(*chosen.said, *labelling.said, *sample_facts(samples)),
        warnings=(
            *chosen.warnings, *labelling.warnings, *left[1], *patient_warnings(labelling),
            *sample_warnings(samples, patients),
        ),
        skipped=(
            *(item for item in catalogue.skipped if item.path not in told),
            *chosen.skipped, *labelling.skipped, *left[0],
        ),
        label_files=labelling.files,
        unit=labelling.unit,
        modality=_commonest([item.modality for item in files]),
        top=tops.pop() if len(tops) == 1 else 0,
        mask_values=labelling.mask_values,
        pixel_counts=labelling.pixel_counts,
        choices=labelling.choices,
    )


def _left_over(catalogue: Catalogue, known: set[str]) -> tuple[list[Skipped], list[str]]:
    """The files that are neither a case nor the mask of one and that nobody has told of, and a warning of them."""
    left = sorted(item.path for item in catalogue.found if item.path not in known)
    if not left:
        return [], []
    are = "file is" if len(left) == 1 else f"{len(left)} files are"
    warning = f"{'1 ' if len(left) == 1 else ''}{are} named like masks, but belong to no image that is used: "
    return [Skipped(path, "is named like a mask, but belongs to no image that is used") for path in left], [
        warning + listed(left) + "."
    ]


def _commonest(values: Sequence[T]) -> T:
    """The commonest value; of equally common ones the smallest, so that the order of files does not matter."""
    tally = Counter(values)
    most = max(tally.values())
    return min(value for value, count in tally.items() if count == most)
