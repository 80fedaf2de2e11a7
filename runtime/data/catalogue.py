"""The records of the data path: what a folder holds, and the data set made of it. No torch, no pydicom, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FileKind = Literal["dicom", "image", "volume"]
Part = Literal["train", "validation", "test"]
LabelKind = Literal["class", "number", "mask", ""]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Found:
    """One readable image file; a multi-frame DICOM file is one of these with `frames` > 1."""

    path: str  # relative to the scanned folder, parts separated by "/"
    kind: FileKind
    channels: int
    size: tuple[int, ...]  # pixels: (rows, columns), or (slices, rows, columns) for a volume
    frames: int = 1
    patient: str = ""  # PatientID; "" when the file does not say
    study: str = ""  # StudyInstanceUID
    series: str = ""  # SeriesInstanceUID
    modality: str = ""  # "CT", "MR" ...
    spacing_mm: tuple[float, ...] | None = None  # millimetres, in the order of `size`; None when unknown
    position_mm: float | None = None  # place of the slice along its series' normal, mm
    instance: int | None = None  # InstanceNumber
    top: int = 0  # the largest value that a pixel of this format can store; 0 when there is no such end (DICOM, NIfTI)
    bytes: int = 0
    modified_ns: int = 0
    notes: tuple[str, ...] = ()  # "accepted, but": one sentence each


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not used, or a folder that is not looked into, and why, in words for a reader."""

    path: str
    reason: str
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One series (DICOM) or one folder of plain images, as `netloom scan` lists them."""

    uid: str
    patient: str
    modality: str
    slices: int
    frames: int
    rows: int
    columns: int
    spacing_mm: tuple[float, float, float] | None  # (z, y, x) millimetres
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that lies in a folder: every file is either in `found` or in `skipped`, with the folders not looked into."""

    folder: str  # absolute
    files: int  # without the folders in `skipped`
    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]
    series: tuple[Series, ...]
    problems: tuple[str, ...] = ()

    @property
    def patients(self) -> int:
        """How many different patients are named by the files."""
        return len({item.patient for item in self.found if item.patient})


@dataclass(frozen=True, slots=True)
class Sample:
    """One case to learn from: a frame of a file, with its labels."""

    path: str  # as in Found
    frame: int  # 0 for a single-frame file
    channels: int
    size: tuple[int, ...]
    group: str  # what must stay together in a split: the patient, or the path itself when no patient is known
    patient: str = ""
    part: Part | None = None  # where the data themselves say so (folders or column train/validation/test)
    label: str | None = None  # class name
    number: float | None = None
    mask: str | None = None  # path of the mask, relative to the folder

    @property
    def key(self) -> str:
        """Names the sample within its data set: the path, with the frame for a multi-frame file."""
        return self.path if self.frame == 0 else f"{self.path}#{self.frame}"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A folder read as cases with labels: what a source node stands for."""

    folder: str  # absolute
    kind: FileKind
    samples: tuple[Sample, ...]
    label: LabelKind  # what was found to learn; "" when nothing is labelled
    classes: tuple[str, ...]  # sorted names; for masks one name per mask value, "background" first
    channels: int
    size: tuple[int, ...]  # the commonest size
    fingerprint: str  # changes when a file or a label changes
    labels: str = ""  # the --labels choice that was used (file or folder name), "" for automatic
    said: tuple[str, ...] = ()  # what was chosen and why, one sentence each
    warnings: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    modality: str = ""  # the commonest one, "" when the files do not say
    top: int = 0  # as in Found, when all samples agree
    mask_values: tuple[int, ...] = ()  # stored value of each class in the masks, same order as `classes`
    pixel_counts: tuple[int, ...] = ()  # pixels of each class in the masks of all samples, same order
    choices: tuple[str, ...] = ()  # folders of masks of which one has to be chosen

    def counts(self) -> Mapping[str, int]:
        """Samples per class, in class order (for class labels)."""
        tally = dict.fromkeys(self.classes, 0)
        for sample in self.samples:
            if sample.label is not None:
                tally[sample.label] += 1
        return tally

    def groups(self) -> tuple[int, ...]:
        """What a split by patient can share out: patients (or images of no known patient) of each class, in class
        order; one number for all where there are no class labels. () where the data name their parts themselves."""
        if any(sample.part is not None for sample in self.samples):
            return ()
        if self.label != "class":
            return (len({sample.group for sample in self.samples}),)
        pairs = {(sample.label, sample.group) for sample in self.samples}
        return tuple(sum(label == name for label, _ in pairs) for name in self.classes)


class DataError(Exception):
    """The data do not allow what was asked; the text is for the user. `problems` lists every reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Parts:
    """Which samples train, which validate, which test: indexes into DataSet.samples."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    how: str  # "by patient, seed 0: 8 / 2 / 2 patients" ...
    warnings: tuple[str, ...] = field(default=())

    def of(self, part: Part) -> tuple[int, ...]:
        """The indexes of one part."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[part]
