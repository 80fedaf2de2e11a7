"""From images and their labels to samples: parts, patients, one sample per frame, and the fingerprint of the whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from runtime.data.catalogue import Catalogue, Found, Part, Sample
from runtime.data.label_arrays import FrameLabel
from runtime.data.label_folders import part_of_path, patient_of_path
from runtime.data.label_paths import listed
from runtime.data.label_records import Labelling
from runtime.data.mask_names import file_of
from runtime.data.wording import counted

_FEWEST_STUDIES = 3  # with one PatientID, before that is strange


def make_samples(labelling: Labelling, patients: str) -> tuple[Sample, ...]:
    """One sample for each frame of each image, sorted by path and frame. A volume file is one sample."""
    persons = _persons(labelling)
    shared = _shared_masks(labelling)
    made: list[Sample] = []
    for item in sorted(labelling.images, key=lambda item: item.path):
        frames = 1 if item.kind == "volume" else item.frames
        made.extend(_sample(item, frame, labelling, patients) for frame in range(frames))
    made = [replace(sample, group=persons.get(sample.patient, sample.group)) for sample in made]
    return tuple(_with_its_mask(sample, shared) for sample in made)


def _sample(item: Found, frame: int, labelling: Labelling, patients: str) -> Sample:
    patient = item.patient or labelling.patients.get(item.path, "")
    if not patient and patients:
        patient = patient_of_path(item.path, patients)
    sample = Sample(
        path=item.path,
        frame=frame,
        channels=item.channels,
        size=item.size,
        group=patient or item.path,
        patient=patient,
        part=_part(item.path, labelling.parts),
        label=labelling.labels.get(item.path),
        number=labelling.numbers.get(item.path),
        numbers=labelling.several.get(item.path, ()),
        mask=labelling.frame_masks.get((item.path, frame)) or labelling.masks.get(item.path),
        labels=labelling.sets.get(item.path),
        boxes=labelling.boxes.get(item.path),
        study=item.study,
        at_mm=item.position_mm if item.frames == 1 else None,
    )
    return sample if item.path not in labelling.frames else _of_many(sample, labelling.frames[item.path][frame])


def _persons(labelling: Labelling) -> dict[str, str]:
    """What stands for the person, by PatientID, where several numbers share a study: the first of these numbers.

    A study is of one person. One that most numbers share says nothing: it was overwritten.
    """
    persons: dict[str, str] = {}
    for numbers in _shared_studies(labelling):
        first = min(persons.get(number, number) for number in numbers)
        joined = {persons.get(number, number) for number in numbers}
        persons |= {number: first for number, person in persons.items() if person in joined}
        persons |= dict.fromkeys(numbers, first)
    return persons


def _shared_studies(labelling: Labelling) -> list[set[str]]:
    """The PatientIDs of each study that has several, but not most of all."""
    numbers: dict[str, set[str]] = {}
    for item in labelling.images:
        if item.patient and item.study:
            numbers.setdefault(item.study, set()).add(item.patient)
    most = max(2, len(set().union(*numbers.values())) // 2) if numbers else 0
    return [found for _, found in sorted(numbers.items()) if 1 < len(found) <= most]


def _shared_masks(labelling: Labelling) -> dict[str, str]:
    """The file of each mask that several images have together, by the mask as samples name it."""
    files = dict.fromkeys(labelling.masks.values(), "") | {
        mask: mask.partition("#")[0] for mask in labelling.frame_masks.values()
    }
    files = {mask: file or mask for mask, file in files.items()}
    tally = Counter(files[mask] for mask in (*labelling.masks.values(), *labelling.frame_masks.values()))
    return {mask: file for mask, file in files.items() if tally[file] > 1}


def _with_its_mask(sample: Sample, shared: Mapping[str, str]) -> Sample:
    """Images of one mask show one patient: they stay together although no file names the patient."""
    together = shared.get(sample.mask or "") if not sample.patient else None
    return replace(sample, group=together) if together else sample


def _of_many(sample: Sample, own: FrameLabel) -> Sample:
    """One image of a file of many, which is a case by itself: it may train while its neighbour tests."""
    return replace(
        sample,
        group=sample.patient or sample.key,
        label=own.label,
        number=own.number,
        labels=own.labels,
        part=own.part or sample.part,
    )


def _part(path: str, named: Mapping[str, Part]) -> Part | None:
    """The part a table names; where no table names parts at all, the part the folders name."""
    return named.get(path) if named else part_of_path(path)


def sample_warnings(samples: Sequence[Sample], patients: str) -> list[str]:
    """Unknown patients, images of different sizes or channels, images outside the named parts."""
    warnings = []
    unknown = sorted({sample.path for sample in samples if not sample.patient})
    alone = len({sample.group for sample in samples if not sample.patient})  # images in a file of many count alone
    images, each = counted(alone, "image"), "it" if alone == 1 else "each"
    if patients and not any(patient_of_path(sample.path, patients) for sample in samples):
        warnings.append(_no_such_folder(samples, patients, images if unknown else ""))
    elif unknown and patients:
        warnings.append(
            f"No patient is known for {images}, outside any folder “{patients}”: {each} counts as its own "
            f"patient ({listed(unknown)})."
        )
    elif unknown:
        warnings.append(
            f"No patient is known for {images}: {each} counts as its own patient; if several images show the "
            "same one, name the patients in a column 'patient' of a table or by a folder level, or the measures look "
            "better than they are."
        )
    outside = sum(sample.part is None for sample in samples)
    if 0 < outside < len(samples):
        warnings.append(
            f"{outside} of {len(samples)} cases {'belongs' if outside == 1 else 'belong'} to no part (train, "
            "validation, test) that the data name."
        )
    if len({sample.channels for sample in samples}) > 1:
        warnings.append(f"The images have different numbers of channels: {_channels(samples)}.")
    return warnings


def patient_warnings(labelling: Labelling) -> list[str]:
    """Warnings where the numbers of patients are not to be trusted: one for several persons, or several for one."""
    return [*_told_apart_by_table(labelling), *_one_for_most(labelling), *_several_for_one(labelling)]


def _one_for_most(labelling: Labelling) -> list[str]:
    """One PatientID for more than half of the studies, which was most likely overwritten."""
    studies: dict[str, set[str]] = {}
    for item in labelling.images:
        if item.patient and item.study:
            studies.setdefault(item.patient, set()).add(item.study)
    total = len(set().union(*studies.values())) if studies else 0
    most = max((len(found) for found in studies.values()), default=0)
    if most < _FEWEST_STUDIES or most * 2 <= total:
        return []
    return [
        f"One PatientID stands in {most} of {total} studies, and all of them count as one patient. If it was "
        "overwritten when the files were made anonymous, split by a column that names the patients, or by study."
    ]


def _several_for_one(labelling: Labelling) -> list[str]:
    shared = _shared_studies(labelling)
    if not shared:
        return []
    numbers = len(set().union(*shared))
    studies, have = ("1 study", "has") if len(shared) == 1 else (f"{len(shared)} studies", "have")
    return [f"{studies} {have} several PatientIDs ({numbers} in all): those that share a study count as one patient."]


def _told_apart_by_table(labelling: Labelling) -> list[str]:
    """A warning where a table tells apart patients whom the files do not: a constant PatientID must show."""
    both = [item for item in labelling.images if item.patient and labelling.patients.get(item.path)]
    by_file = len({item.patient for item in both})
    by_table = len({labelling.patients[item.path] for item in both})
    if by_file >= by_table:
        return []
    return [
        f"The table names {counted(by_table, 'patient')} where the files name {by_file}: the PatientID in the files "
        "counts. If it was overwritten when the files were made anonymous, name the parts in a column 'split'."
    ]


def sample_facts(samples: Sequence[Sample]) -> list[str]:
    """What the samples are, in sentences for the reader."""
    said = [_patients_said(samples)]
    parts = [sample.part for sample in samples if sample.part]
    if parts:
        said.append(f"The data name their parts (cases): {_tally(parts)}.")
    sizes = {sample.size for sample in samples}
    if len(sizes) > 1:
        said.append(f"The images have {len(sizes)} different sizes.")
    return said


def _patients_said(samples: Sequence[Sample]) -> str:
    known = {sample.patient for sample in samples if sample.patient}
    cases = counted(len(samples), "case")
    return f"{cases} of {counted(len(known), 'patient')}." if known else f"{cases}."


def _no_such_folder(samples: Sequence[Sample], patients: str, unknown: str) -> str:
    """That the setting fits no folder at all, what counts instead, and what would fit."""
    instead = "the patients that the files or a table name count"
    if unknown:
        instead = f"each of {unknown} without a named patient counts as its own"
    return (
        f"The patients setting “{patients}” names no folder of the data ({samples[0].path} is one of the images), so "
        f"it says nothing of the patients: {instead}. Give the level of the folder that names the patient (1 is the "
        "outermost, -1 the one that holds the image), or a pattern of its name, such as patient*."
    )


def _channels(samples: Sequence[Sample]) -> str:
    """How many images have how many channels, the commonest first."""
    tally = Counter(sample.channels for sample in samples).most_common()
    return ", ".join(f"{counted(count, 'image')} with {counted(channels, 'channel')}" for channels, count in tally)


def _tally(words: Sequence[str]) -> str:
    return ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words)))


def fingerprint(samples: Sequence[Sample], catalogue: Catalogue) -> str:
    """SHA-256 over every file's path, size and time and every label, independent of order, as hexadecimal digits."""
    files = {item.path: item for item in catalogue.found}
    outlines = _outline_stamps(samples, Path(catalogue.folder))
    digest = hashlib.sha256()
    for sample in sorted(samples, key=lambda sample: (sample.path, sample.frame)):
        stamps = [(files[path].bytes, files[path].modified_ns) for path in (sample.path, sample.mask) if path in files]
        stamps += outlines.get((sample.mask or "").partition("#")[0], [])
        told = (sample, stamps, sample.numbers) if sample.numbers else (sample, stamps)
        digest.update(repr(told).encode())
    return digest.hexdigest()


def _outline_stamps(samples: Sequence[Sample], folder: Path) -> dict[str, list[tuple[int, int]]]:
    """Size and time of the files with outlines, which are no images of the catalogue, by the start of their names."""
    names = {sample.mask for sample in samples if sample.mask and "#" in sample.mask}
    files = {name.partition("#")[0]: folder / file_of(name, folder) for name in names}
    return {
        start: [(state.st_size, state.st_mtime_ns)]
        for start, path in files.items()
        if path.is_file() and (state := path.stat())
    }
