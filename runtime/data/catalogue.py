"""The records of the data path: what a folder holds, and the data set made of it. No torch, no pydicom, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from runtime.data.taken import Point, Taken
from runtime.data.warning_record import DataWarning

FileKind = Literal["dicom", "image", "volume", "signal", "table"]
Part = Literal["train", "validation", "test"]
LabelKind = Literal["class", "labels", "number", "mask", "boxes", ""]
Verdict = Literal["use", "note", "excluded"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Found:
    """One readable image file; a multi-frame DICOM file is one of these with `frames` > 1."""

    path: str  # relative to the scanned folder, parts separated by "/"
    kind: FileKind
    channels: int
    size: tuple[int, ...]  # pixels: (rows, columns), or (slices, rows, columns) for a volume; of a signal, samples
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
    scanner: str = ""  # manufacturer and model, "" when the file does not say
    bits: int = 0  # bits that a pixel may use; 0 when the file does not say
    lossy: bool = False  # whether the pixels were ever compressed with loss
    intent: str = ""  # "FOR PROCESSING" or "FOR PRESENTATION", where a file says
    notes: tuple[str, ...] = ()  # "accepted, but": one sentence each
    rate_hz: float = 0.0  # samples per second of a signal; 0 when the file does not say
    leads: tuple[str, ...] = ()  # names of a signal's channels, in order; () when the file does not say


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not used, or a folder that is not looked into, and why, in words for a reader."""

    path: str
    reason: str
    folder: bool = False
    image: bool = False  # an image that could be read, but is left out: a copy, a localizer ...


@dataclass(frozen=True, slots=True)
class Slice:
    """One image of a stack: a frame of a file, and where it lies."""

    path: str  # as in Found
    frame: int = 0
    position_mm: float | None = None  # along the normal of the stack; None when the file does not say


@dataclass(frozen=True, slots=True)
class Pose:
    """How a stack lies in the patient (DICOM's axes: left, back, head), in millimetres."""

    corner: tuple[float, float, float]  # centre of the first pixel of the first slice
    across: tuple[float, float, float]  # direction in which the columns follow each other
    down: tuple[float, float, float]  # direction in which the rows follow each other
    normal: tuple[float, float, float]  # direction in which the slices follow each other


@dataclass(frozen=True, slots=True)
class Stack:
    """Images of one series that belong together: one orientation, size and spacing, no two at one place.

    `verdict` is about its images one by one; `no_volume` says why they make no 3-D volume, "" when they do.
    """

    name: str  # what tells it from the other stacks of its series, such as "echo time 20"; "" for the only one
    verdict: Verdict
    reason: str  # why it is excluded, or what is to be noted; "" where there is nothing to say
    no_volume: str
    rows: int
    columns: int
    channels: int
    spacing_mm: tuple[float, float, float] | None  # (z, y, x) millimetres, z from the positions
    slices: tuple[Slice, ...]  # in order along the normal, or as numbered where no place is known
    pose: Pose | None = None
    ordered: bool = False  # each slice lies beside the next: nothing missing, nothing twice
    uneven: bool = False  # it makes no volume only because its steps differ


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
    study: str = ""
    kind: FileKind = "dicom"
    stacks: tuple[Stack, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Excluded when all its stacks are; to be noted when there is a problem or a stack to note or excluded."""
        verdicts = {stack.verdict for stack in self.stacks}
        if verdicts == {"excluded"}:
            return "excluded"
        return "note" if self.problems or verdicts - {"use"} else "use"


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
class Box:
    """What is in a rectangle of an image: its edges in pixels of the image as found, x to the right, y down."""

    label: str
    left: float
    top: float
    right: float
    bottom: float


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
    mask: str | None = None  # path of the mask, relative to the folder (or a name of runtime.data.mask_names)
    labels: tuple[str, ...] | None = None  # the labels it has, of several that each may be there or not
    boxes: tuple[Box, ...] | None = None
    slices: tuple[tuple[str, int], ...] = ()  # files and slices that it is put together from; () = the frame itself
    masks: tuple[tuple[str, int], ...] = ()  # the same for its mask
    turn: tuple[tuple[int, int], ...] = ()  # of a volume: from its slices to standard axes, as (axis, direction)
    spacing_mm: tuple[float, ...] | None = None  # millimetres, in the order of the size it is put together with
    positions: tuple[float, ...] = ()  # of the slices of a volume that lie unevenly, mm; () = they lie evenly
    pose: Pose | None = None  # how a volume lies in the patient, after its turn
    values: tuple[float, ...] = ()  # of a row of a table: its numbers, NaN where one is missing
    numbers: tuple[float, ...] = field(default=(), repr=False)  # several to learn, in the order of the classes
    resampled: tuple[int, ...] = ()  # pixels (samples) of its sides after resampling to what is asked for; () = as is
    leads: tuple[int, ...] = ()  # of a signal: the places in its file of the channels that are taken; () = as is
    # What only finds partners in other folders is not in `repr`, of which fingerprints and the cache are made.
    study: str = field(default="", repr=False)  # StudyInstanceUID
    at_mm: float | None = field(default=None, repr=False)  # place of a slice along its series' normal, mm
    # The image of several points is decoded once: `runtime.data.points.cases` has points in its own fingerprint.
    point: Point | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Names the sample within its data set: its image, and for a patch the place in it as x,y or x,y,z."""
        if self.point is None:
            return self.image_key
        return f"{self.image_key}@{','.join(f'{place:.10g}' for place in reversed(self.point.at))}"

    @property
    def image_key(self) -> str:
        """Names its image within the data set: the path, with the frame for a multi-frame file."""
        return self.path if self.frame == 0 else f"{self.path}#{self.frame}"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A folder read as cases with labels: what a source node stands for."""

    folder: str  # absolute
    kind: FileKind
    samples: tuple[Sample, ...]
    label: LabelKind  # what was found to learn; "" when nothing is labelled
    classes: tuple[str, ...]  # sorted names; of masks one per value, "background" first; of several numbers theirs
    channels: int
    size: tuple[int, ...]  # the commonest size
    fingerprint: str  # changes when a file or a label changes
    labels: str = ""  # the --labels choice that was used (file or folder name), "" for automatic
    said: tuple[str, ...] = ()  # what was chosen and why, one sentence each
    warnings: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    label_files: tuple[str, ...] = ()  # which the labels were read from, other than masks that are images
    unit: str = ""  # of the numbers, "" when their column does not say; of several as nodes.units takes them
    modality: str = ""  # the commonest one, "" when the files do not say
    top: int = 0  # as in Found, when all samples agree
    mask_values: tuple[int, ...] = ()  # stored value of each class in the masks, same order as `classes`
    pixel_counts: tuple[int, ...] = ()  # pixels of each class in the masks of all samples, same order
    columns: tuple[str, ...] = ()  # of a table: the names of those that are taken, in order
    leads: tuple[str, ...] = ()  # of signals: the names of those that are taken, in order; () unnamed
    rate_hz: float = 0.0  # of signals: samples per second of all cases; 0 not known
    asked: str = ""  # of a table: the settings by which it was read, in words
    choices: tuple[str, ...] = ()  # folders of masks of which one has to be chosen
    taken: Taken = field(default_factory=lambda: Taken())  # how its files became cases
    findings: tuple[DataWarning, ...] = ()  # what matters of labels and headers, see runtime.data.warnings_data

    def counts(self) -> Mapping[str, int]:
        """Samples per class, in class order (for class labels, and several labels); of boxes, the boxes."""
        tally = dict.fromkeys(self.classes, 0)
        for sample in self.samples:
            if sample.label is not None:
                tally[sample.label] += 1
            for name in sample.labels or ():
                tally[name] += 1
            for box in sample.boxes or ():
                tally[box.label] += 1
        return tally

    @property
    def points(self) -> bool:
        """Whether its cases are patches round points."""
        return any(sample.point is not None for sample in self.samples)

    @property
    def most_boxes(self) -> int:
        """The most boxes that one sample has."""
        return max((len(sample.boxes or ()) for sample in self.samples), default=0)

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
    apart: Mapping[str, Parts] = field(default_factory=dict)  # of sources that are drawn independently, their own

    def in_source(self, source: str) -> Parts:
        """The parts as indexes into the data set of one source."""
        return self.apart.get(source, self)

    def of(self, part: Part) -> tuple[int, ...]:
        """The indexes of one part."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[part]
