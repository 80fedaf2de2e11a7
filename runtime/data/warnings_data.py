"""The warnings that matter about a data set, from its labels and headers alone: no pixel is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runtime.data.catalogue import Catalogue, DataSet, Found
from runtime.data.warning_record import DataWarning
from runtime.data.warnings_confounders import confounder_warnings
from runtime.data.warnings_labels import label_warnings
from runtime.data.wording import counted

_SCREENS = {"US": "ultrasound", "SC": "secondary captures", "OT": "other", "XA": "angiography", "ES": "endoscopy"}
_SAYS_SO = "burned into its pixels"  # as runtime.data.remarks words it


def data_warnings(dataset: DataSet, catalogue: Catalogue) -> tuple[DataWarning, ...]:
    """What is to be known before a network is trained on these data; the most serious first."""
    files = {item.path: item for item in catalogue.found}
    used = {sample.path: sample.key for sample in dataset.samples}
    return (
        *confounder_warnings(dataset, files),
        *label_warnings(dataset),
        *burned_in_by_header({path: files[path] for path in used if path in files}),
    )


def burned_in_by_header(files: Mapping[str, Found]) -> tuple[DataWarning, ...]:
    """Files that say that text is burned in, and kinds of images where it is usual."""
    said = [path for path, item in files.items() if any(_SAYS_SO in note for note in item.notes)]
    usual = [path for path, item in files.items() if path not in set(said) and item.modality in _SCREENS]
    if not said and not usual:
        return ()
    parts = []
    if said:
        parts.append(f"{counted(len(said), 'file')} {'says' if len(said) == 1 else 'say'} so")
    if usual:
        kinds = sorted({_SCREENS[files[path].modality] for path in usual})
        whose = "is of a kind" if len(usual) == 1 else "are of kinds"
        parts.append(f"{counted(len(usual), 'file')} {whose} where it is usual ({', '.join(kinds)})")
    return (
        DataWarning(
            "burned_in_text",
            f"Text is likely burned into the pixels: {' and '.join(parts)}.",
            "Look at the images: such text may name the patient, and a network may read it. Cut or black it out, and "
            "never take images without this warning for clean.",
            (*said, *usual),
        ),
    )


def sentences(findings: Iterable[DataWarning]) -> tuple[str, ...]:
    """The findings as sentences, without those that the data set's own warnings tell already."""
    return tuple(finding.sentence for finding in findings if finding.code != "patients_unknown")
