"""Sources: where data enter the drawing."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.roles import DataSource, Feed, Fit, Source
from nodes.settings import Form
from nodes.shapes import sensible
from nodes.spec import Call, Port, Shape, Target, Unfit, Value, Values, module, setting, spelled
from nodes.units import units_each

Matching = Literal["matched", "drawn independently"]
Take = Literal["as found", "slices", "volumes", "neighbouring slices"]
PatchUnit = Literal["pixels", "mm"]
_AXES = {1: "1-D signals", 2: "2-D images", 3: "3-D volumes"}


class FolderSource(DataSource):
    """A folder of cases. What was learned when it was attached is kept in the learned settings; no file is read."""

    folder: str = setting("", "The folder with the images; its subfolders are read too.", form=Form.FOLDER)
    labels: str = setting(
        "", "Where the labels come from: a table (CSV file) or a folder of masks. With columns behind a colon, as in "
        "labels.csv:age,weight, several numbers or several labels are learned. Empty finds them by itself.",
    )
    patients: str = setting(
        "", "Which folder level names the patient, where the files do not say: 1 is the first level below the folder."
    )
    unit: str = setting(
        "", "The unit of the numbers to learn, such as mm or years, to be shown; of several numbers one for all, or "
        "one for each, separated by commas. Empty: as the names of the columns say.",
    )
    matching: Matching = setting(
        "matched", "Where a network takes several folders: matched cases belong to cases of the other folders, by "
        "patient and study, path or file name. Not matched, cases are drawn independently, in a random order of their "
        "own: for images without partners, such as those of two domains that are translated into each other.",
        folded=True,
    )  # fmt: skip
    label: Literal["class", "labels", "number", "mask", "boxes", ""] = setting(
        "", "What the folder holds to learn.", learned=True
    )
    classes: tuple[str, ...] = setting((), "The names of the classes, or of several numbers.", learned=True)
    counts: tuple[int, ...] = setting((), "Samples of each class; of masks, their pixels.", learned=True, low=0)
    spreads: tuple[float, ...] = setting(
        (), "The standard deviation of each of several numbers.", learned=True, low=0.0
    )
    channels: int = setting(0, "Channels: 1 is grey, 3 is colour; of a signal, its leads.", learned=True, low=0)
    found_size: tuple[int, ...] = setting((), "The commonest size found, in pixels or samples.", learned=True, low=1)
    images: int = setting(0, "How many cases were found.", learned=True, low=0)
    named_patients: int = setting(0, "How many patients the files or labels name.", learned=True, low=0)
    groups: tuple[int, ...] = setting(
        (), "Patients of each class, or images where no patient is named; one number for all where there are no "
        "classes. Empty where the data name their parts themselves.", learned=True, low=0,
    )  # fmt: skip
    taken: str = setting("", "What made one case when the folder was read; empty: as found.", learned=True)
    fingerprint: str = setting("", "Changes when a file or a label changes.", learned=True)
    found_unit: str = setting("", "The unit that the name of the labels' column tells.", learned=True)
    modality: str = setting("", "What kind of images they are, such as CT or MR.", learned=True)
    kept_parts: tuple[str, ...] = setting(
        (), "Which case was in which part when the folder was attached, as salted hashes: no case changes sides when "
        "data are added.", learned=True,
    )  # fmt: skip
    corrections: tuple[str, ...] = setting(
        (), "Labels corrected by hand and cases left out, by salted hashes of the cases.", learned=True
    )

    def infer(self) -> Values:
        values: dict[str, Value] = {"image": (self.channels, *self._sides())}
        match self.label:
            case "class":
                values["class"] = Target("class", (), self.classes, self.counts)
            case "labels":
                values["labels"] = Target("labels", (len(self.classes),), self.classes, self.counts)
            case "number":
                values["number"] = self._numbers()
        return values

    def _numbers(self) -> Target:
        """What there is to learn of numbers. Raises Unfit for units that do not belong to them."""
        count = max(1, len(self.spreads))
        names = self.classes if self.spreads else ()
        return Target("number", (count,), names, (), self.spreads, units_each(self.unit or self.found_unit, count))

    def _sides(self) -> Shape:
        """The size of everything that leaves the node, in pixels or samples. Raises Unfit."""
        if not self.folder:
            raise Unfit(
                f"“{self.title}” has no folder yet; choose one in the inspector or drop one on the Data workspace.",
                "folder",
            )
        if not self.channels or not self.found_size:
            raise Unfit(
                "The folder was not read yet; choose it again so that its files are looked at.",
                "folder",
            )
        asked, setting_name = self._asked()
        if asked != self.taken:
            raise Unfit(
                f"The folder was read as {self.taken or 'found'}, and the settings ask for {asked or 'as found'}; "
                "choose the folder again, so that it is read in this form.", setting_name,
            )  # fmt: skip
        return self.found_size

    def _asked(self) -> tuple[str, str]:
        """What makes one case, in words, and the setting that says so. Raises Unfit."""
        raise NotImplementedError


class ImageSource(FolderSource):
    """A folder of images."""

    take: Take = setting(
        "as found", "What makes one case. Slices take volumes apart; volumes (3-D) are put together from the slices of "
        "a series; neighbouring slices give each slice those beside it as channels.",
    )  # fmt: skip
    neighbours: int = setting(
        3, "For neighbouring slices: how many slices make the channels of a case, the slice itself in the middle; an "
        "odd number. Beyond the first and the last slice these are repeated.", low=1, high=99,
    )  # fmt: skip
    spacing: tuple[float, ...] = setting(
        (), "Spacing in millimetres to which every image is resampled before it is brought to its size: one number, or "
        "rows×columns, for volumes slices×rows×columns. Empty keeps the spacing found.", low=0.001, unit="mm",
    )  # fmt: skip
    size: tuple[int, ...] = setting(
        (), "Size to which every image is brought, such as 256×256; for volumes slices×rows×columns. Empty keeps the "
        "commonest size found.", low=1, brief=True,
    )  # fmt: skip
    fit: Fit = setting(
        "stretch", "How an image of another size is brought to it: stretch it, pad it with 0 to keep it all, or crop "
        "it; the last two keep its proportions.",
    )  # fmt: skip
    patch: tuple[float, ...] = setting(
        (32.0,), "Where the points of a table are the cases (labels: points): the sides of the patch that is cut out "
        "round each; one number, or rows×columns, for volumes slices×rows×columns.", low=0.001, folded=True,
    )  # fmt: skip
    patch_unit: PatchUnit = setting("pixels", "What the sides of a patch and the hit radius are given in.", folded=True)
    hit_radius: float = setting(
        0.0, "Points on one finding count once: how far from its middle a point still lies on it, where the table of "
        "findings gives no radius. 0: each point that is labelled as a finding is one by itself.", low=0.0, folded=True,
    )  # fmt: skip
    most_boxes: int = setting(0, "The most boxes that one image has.", learned=True, low=0)
    points: str = setting("", "The patches cut out round points when the folder was read.", learned=True)
    choices: tuple[str, ...] = setting(
        (), "The folders of masks that could be the labels, where there are several and none was chosen.", learned=True
    )
    top: int = setting(
        0, "The largest value that a pixel can store; 0 where the format sets no such end.", learned=True, low=0
    )

    def infer(self) -> Values:
        values = dict(super().infer())
        if self.label == "mask":
            values["mask"] = Target("mask", self._sides(), self.classes, self.counts)
        elif self.label == "boxes":
            values["boxes"] = Target("boxes", (self.most_boxes, 5), self.classes, self.counts)
        return values

    def _sides(self) -> Shape:
        found = super()._sides()
        count = len(found)
        if self.size and len(self.size) != count:
            raise Unfit(
                f"The size {spelled(self.size)} has {len(self.size)} number{'s' if len(self.size) > 1 else ''}, but "
                f"the folder holds {_AXES.get(count, 'images')} of {spelled(found)}; give {count}.",
                "size",
            )
        return self.size or found

    def _asked(self) -> tuple[str, str]:
        if self.take == "neighbouring slices" and self.neighbours % 2 == 0:
            raise Unfit(
                f"{self.neighbours} neighbouring slices have no middle one; give an odd number, such as "
                f"{self.neighbours + 1}.", "neighbours",
            )  # fmt: skip
        patches = patch_text(self.patch, self.patch_unit, self.hit_radius)
        if self.points and self.points != patches:
            raise Unfit(
                f"The folder was read as {self.points}, and the settings ask for {patches}; choose the folder again, "
                "so that it is read in this form.", "patch",
            )  # fmt: skip
        return taken_text(self.take, self.neighbours, self.spacing), "take"


def taken_text(take: str, neighbours: int, spacing: tuple[float, ...]) -> str:
    """What makes one case, in words; "" for as found. The same words are learned when a folder is read."""
    words = [] if take == "as found" else [f"{neighbours} {take}" if take == "neighbouring slices" else take]
    return ", ".join([*words, f"{'×'.join(f'{side:g}' for side in spacing)} mm"] if spacing else words)


def patch_text(patch: tuple[float, ...], unit: str, radius: float) -> str:
    """Patches round points, in words. The same words are learned when a folder of points is read."""
    words = f"patches of {'×'.join(f'{side:g}' for side in patch)} {unit}"
    return f"{words}, hit radius {radius:g} {unit}" if radius else words


class DicomFolder(
    ImageSource, id="dicom_folder", title="DICOM folder", words="ct mr mri x-ray scanner series patient data"
):
    """Reads a folder of DICOM files, as a scanner or an archive (PACS) hands them out. CT images arrive in
    Hounsfield units, other images in stored values after rescale.

    Labels are found by themselves: masks beside the images, class folders, or a table. One port carries the images, the
    others what there is to learn.
    """


class ImageFolder(
    ImageSource, id="image_folder", title="Image folder", words="png jpeg tiff nifti nii photo volume data"
):
    """Reads a folder of PNG, JPEG or TIFF images, or of NIfTI volumes. Values arrive as they are stored: 0 to 255, or
    0 to 65535 for 16-bit images.

    Labels are found by themselves: masks beside the images, class folders, or a table. One port carries the images, the
    others what there is to learn.
    """


class ShapedSource(Source):
    """A source whose shape is given by hand."""

    shape: tuple[int, ...] = setting(
        (1, 28, 28),
        "Channels, rows and columns, such as 1×28×28; one number for a list of features.",
        low=1,
        brief=True,
    )

    def infer(self) -> Values:
        if not 1 <= len(self.shape) <= 4:
            raise Unfit(
                f"“{self.title}” has {len(self.shape)} numbers in its shape; one to four fit, such as 1×28×28.", "shape"
            )
        return {"image": sensible(self.shape)}


class PlainInput(ShapedSource, id="input", title="Input", words="placeholder entry shape by hand"):
    """An entry for images or features of a shape that you give by hand. For drawing and exporting a network without a
    folder; nothing can be trained from it alone.
    """


class Noise(ShapedSource, id="noise", title="Noise", words="random normal latent gan generator"):
    """Random numbers from the normal distribution (mean 0, spread 1), drawn anew for every case. A generator makes
    images out of them.
    """

    feed: ClassVar[Feed] = "noise"
    outputs = (Port("image", help="The random numbers."),)

    shape: tuple[int, ...] = setting(
        (64,), "How many random numbers each case gets, such as 64, or 1×28×28.", low=1, brief=True
    )

    def call(self) -> Call:
        return module("runtime.modules.sources.Noise", shape=self.shape)


class Constant(ShapedSource, id="constant", title="Constant", words="fixed value one zero gan real fake target"):
    """The same number everywhere, for every case: for example the answer “real” (1) or “fake” (0) that a loss compares
    with.
    """

    feed: ClassVar[Feed] = "constant"
    outputs = (Port("image", help="The number, in the shape given."),)

    shape: tuple[int, ...] = setting((1,), "Shape of what each case gets, such as 1, or 1×28×28.", low=1)
    value: float = setting(1.0, "The number.", brief=True)

    def call(self) -> Call:
        return module("runtime.modules.sources.Constant", shape=self.shape, value=self.value)
