"""Looking at the training images of a run for its contract; what was found is kept in the run folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np

from nodes.preparation import Preparation
from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.cases import case_images
from runtime.data.assembly import files_of
from runtime.data.case_tags import read_tags
from runtime.data.catalogue import Catalogue, DataError, DataSet, Found, Sample
from runtime.data.faults import FileFault
from runtime.data.scan import scan
from runtime.delivery.contract import Contract
from runtime.delivery.seen import Range, Seen, colour_of, read_seen
from runtime.errors import RunError, file_error
from runtime.source_data import dataset_of
from runtime.splits import load_split
from runtime.store import write_safely

FILE = "seen.json"
_FORMAT = 1
_MOST = 256  # images whose pixels are looked at, spread over the training part
_MOST_HEADERS = 2000
_DARK, _BRIGHT = 1.0, 99.0


def with_seen(contract: Contract, folder: Path, analysis: Analysis) -> Contract:
    """The contract with what the training images of the run in `folder` were like.

    It is looked up once, while the data are there: without them, and without an earlier look, nothing is known. Raises
    RunError when what is kept is damaged.
    """
    inputs = [place for place, entry in enumerate(contract.inputs) if entry.feed == "data" and not entry.columns]
    if len(inputs) != 1:
        return contract
    seen = _kept(folder / FILE) or _looked(folder, analysis)
    sources = _of_images(analysis)
    if seen is not None and all(_forgets_scale(analysis, node) for node in sources):
        seen = replace(seen, darkest=None, brightest=None)  # MR images of another scanner are no other images for it
    entries = [replace(entry, seen=seen) if place in inputs else entry for place, entry in enumerate(contract.inputs)]
    return replace(contract, inputs=tuple(entries))


def _of_images(analysis: Analysis) -> dict[str, DataSource]:
    kinds = {node: facts.type for node, facts in analysis.facts.items()}
    return {node: kind for node, kind in kinds.items() if isinstance(kind, DataSource) and not kind.tabular}


def _forgets_scale(analysis: Analysis, node: str, output: str = "image") -> bool:
    """Whether all that follows takes the images without their own scale of values."""
    following = [wire.target for wire in analysis.graph.wires if (wire.source, wire.output) == (node, output)]
    return bool(following) and all(map(partial(_loses_scale, analysis), following))


def _loses_scale(analysis: Analysis, node: str) -> bool:
    kind = analysis.facts[node].type
    if isinstance(kind, Preparation) and kind.forgets_scale:
        return True
    passing = kind is not None and (kind.geometry or kind.training_only or kind.simulates)
    return passing and _forgets_scale(analysis, node, "out")


def seen_in(dataset: DataSet, catalogue: Catalogue, indexes: Sequence[int]) -> Seen:
    """What these cases of a data set are like."""
    samples = [dataset.samples[index] for index in indexes]
    paths = {path for sample in samples for path in files_of(sample)}
    files = [item for item in catalogue.found if item.path in paths]
    root = Path(dataset.folder)
    spread = samples[:: max(1, -(-len(samples) // _MOST))]
    dark, bright = _intensities(root, spread, dataset)
    spacings = [side for item in files for side in (item.spacing_mm or ())[-2:]]
    all_say = all(item.spacing_mm for item in files)
    return Seen(
        images=len(spread),
        modalities=_said([item.modality for item in files]),
        spacing_mm=(min(spacings), max(spacings)) if spacings and all_say else None,
        darkest=dark,
        brightest=bright,
        **_from_headers(root, files),
    )


def _looked(folder: Path, analysis: Analysis) -> Seen | None:
    split = load_split(folder)
    node, source = next(iter(_of_images(analysis).items()))
    try:
        catalogue = scan(Path(str(getattr(source, "folder", ""))))
        dataset = dataset_of(source, catalogue)
    except DataError:
        return None  # the data are elsewhere
    indexes = split.indexes(dataset, "train", node)
    if not indexes:
        return None
    seen = seen_in(dataset, catalogue, indexes)
    text = json.dumps({"format": _FORMAT, **asdict(seen)}, indent=1, allow_nan=False)
    try:
        write_safely(folder / FILE, (text + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error
    return seen


def _kept(path: Path) -> Seen | None:
    try:
        return read_seen(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged; remove it, and it is made anew while the data are there.") from error


def _from_headers(root: Path, files: Sequence[Found]) -> Mapping[str, tuple[str, ...]]:
    paths = [item.path for item in files if item.kind == "dicom"]
    paths = paths[:: max(1, -(-len(paths) // _MOST_HEADERS))]
    read = read_tags(root, paths, ("BodyPartExamined", "PhotometricInterpretation"))
    return {
        "body_parts": _said([tags["BodyPartExamined"].upper() for tags in read.values()]),
        "colours": _said([colour_of(tags["PhotometricInterpretation"]) for tags in read.values()]),
    }


def _said(values: Iterable[str]) -> tuple[str, ...]:
    """The different values; none where not all files say one."""
    found = set(values)
    return () if "" in found else tuple(sorted(found))


def _intensities(root: Path, samples: Sequence[Sample], dataset: DataSet) -> tuple[Range | None, Range | None]:
    kinds = {path: dataset.kind for sample in samples for path in files_of(sample)}
    ends = [
        np.percentile(image, (_DARK, _BRIGHT))
        for image in case_images(root, samples, kinds)
        if not isinstance(image, FileFault) and np.isfinite(image).all()
    ]
    if not ends:
        return None, None
    dark, bright = np.array(ends).T
    return (float(dark.min()), float(dark.max())), (float(bright.min()), float(bright.max()))
