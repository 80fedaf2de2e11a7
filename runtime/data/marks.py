"""What tells images at one place apart (echo, moment, acquisition ...), and what an image was made for."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from runtime.data.header import Header, items, text, written

_TIMES = ("(0018,1063)", "(0018,1065)")  # FrameTime, FrameTimeVector
_PURPOSES = {
    "LOCALIZER": "localizer",
    "SCREEN SAVE": "screen",
    "DOSE_INFO": "screen",
    "MIP": "projection",
    "PROJECTION IMAGE": "projection",
    "MAX_IP": "projection",
    "MIN_IP": "projection",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What a frame says of itself beside its place; "" where it says nothing."""

    stack: str = ""
    echo: str = ""
    b_value: str = ""
    temporal: str = ""
    acquisition: str = ""
    trigger: str = ""
    kind: str = ""  # ImageType: magnitude, phase, water, fat ...

    def named(self) -> dict[str, str]:
        """The marks under the words that a reader knows, in the order in which they are looked at."""
        return {
            "stack": self.stack,
            "echo time": self.echo,
            "b-value": self.b_value,
            "temporal position": self.temporal,
            "kind": self.kind,
            "acquisition": self.acquisition,
            "trigger time": self.trigger,
        }


def marks_of(dataset: Header, frames: int) -> tuple[Marks, ...]:
    """The marks of every frame; one for all where the frames do not differ."""
    own = Marks(
        "",
        _said(dataset, "EchoTime"),
        _said(dataset, "DiffusionBValue"),
        _said(dataset, "TemporalPositionIdentifier"),
        _said(dataset, "AcquisitionNumber"),
        _said(dataset, "TriggerTime"),
        (written(dataset, "ImageType") or "")[:64].replace("\\", "/"),
    )
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    return tuple(_frame(group, own) for group in groups[:frames]) if frames > 1 and len(groups) >= frames else (own,)


def _frame(group: Dataset, own: Marks) -> Marks:
    """A frame's marks in its functional groups, else those of its file."""

    def inside(sequence: str, keyword: str) -> str:
        found = items(group, sequence)
        return _said(found[0], keyword) if found else ""

    return Marks(
        inside("FrameContentSequence", "StackID"),
        inside("MREchoSequence", "EffectiveEchoTime") or own.echo,
        inside("MRDiffusionSequence", "DiffusionBValue") or own.b_value,
        inside("FrameContentSequence", "TemporalPositionIndex") or own.temporal,
        inside("FrameContentSequence", "FrameAcquisitionNumber") or own.acquisition,
        inside("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime") or own.trigger,
        inside("MRImageFrameTypeSequence", "FrameType") or inside("CTImageFrameTypeSequence", "FrameType") or own.kind,
    )


def _said(dataset: Header, keyword: str) -> str:
    return text(dataset, keyword)[:64]


def purpose_of(dataset: Header) -> str:
    """What an image was made for, as far as it is no plain image: localizer, screen, projection, derived; else ""."""
    words = (written(dataset, "ImageType") or "").upper().split("\\")
    for word in words:
        if word.strip() in _PURPOSES:
            return _PURPOSES[word.strip()]
    return "derived" if words[0].strip() == "DERIVED" or "SECONDARY" in words[1:2] else ""


def moments_in(dataset: Header) -> bool:
    """Whether the frames of a file follow each other in time and not in space."""
    pointer = text(dataset, "FrameIncrementPointer")
    return any(tag in pointer for tag in _TIMES)
