"""Applying a model to a folder: a row for each image, in sorted path order, or why it has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runtime.cases import case_images, unlabelled
from runtime.data.cache_as_found import Stored, decoded_as_found
from runtime.data.catalogue import Catalogue, DataSet, Found, Sample, Skipped
from runtime.data.faults import Cancelled
from runtime.data.label_paths import listed
from runtime.data.mask_files import mask_files
from runtime.data.pool import Decoded, Failed
from runtime.data.scan import scan
from runtime.data.taken import Taken
from runtime.data.wording import counted
from runtime.delivery.answered import answered
from runtime.delivery.answers import Row
from runtime.delivery.contract import InputContract, OutputContract
from runtime.delivery.draws import takes_only_draws
from runtime.delivery.points import points_of
from runtime.delivery.predict_together import cases_together
from runtime.delivery.prediction_cases import Given, Unread, asked_of, fitted, given_case
from runtime.delivery.prediction_files import Written, write_predictions
from runtime.delivery.prediction_rows import rows_for
from runtime.delivery.predictors import OnnxPredictor, Predictor, TrainedPredictor
from runtime.delivery.unlike import Unlike, unsaid
from runtime.errors import RunError

__all__ = ["OnnxPredictor", "Predictor", "Row", "TrainedPredictor", "Written", "predict_folder", "write_predictions"]

_NAMED_MASKS = 4

def predict_folder(
    model: Predictor,
    folder: Path | Sequence[Path],
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    on_note: Callable[[str], None] | None = None,
    files: Collection[str] | None = None,
    points: str = "",
) -> Iterator[Row]:
    """Answer every image below `folder`, or only these `files` of it (relative to it); files that cannot be used, and
    images that the model was not made for, give a row that says why. Masks of other images get no row and are told.
    For a model of several images there is a folder for each, and a file for each table, in the order of its inputs;
    their cases are matched as in training, and have the rows of the first folder. A model of patches answers for every
    point of a table: `points` names it ("" finds one that is named candidates or points in the folder).

    A folder of images of one form is kept in the cache of decoded images, unless only some `files` of it are answered;
    the next time it is not decoded again. The folders are listed before this returns, so that what is written into them
    meanwhile is not taken for an image. `on_progress(done, total)` counts files, or cases of several images; `on_note`
    is told how the images differ from those that trained the model. Raises DataError when a folder cannot be read or
    nothing matches, RunError when the model does not take as many images as there are folders.
    """
    folders = [folder] if isinstance(folder, Path) else [*folder]
    wanted = _image_inputs(model, len(folders))
    catalogues, tables = _read(folders, wanted, cancelled, on_note, files)
    takes = [_taken(entry) for entry in wanted]
    if len(wanted) > 1:
        pairs = enumerate(zip(catalogues, takes, strict=True))
        datasets = [tables.get(number) or unlabelled(catalogue, taken) for number, (catalogue, taken) in pairs]
        images = cases_together(model.contract, datasets, catalogues, on_progress, cancelled)
    elif tables:
        images = _cases(model, wanted[0], tables[0], catalogues[0], on_progress, cancelled)
    elif wanted[0].patch:
        dataset = points_of(unlabelled(catalogues[0], takes[0]), catalogues[0], wanted[0], points, on_note)
        images = _cases(model, wanted[0], dataset, catalogues[0], on_progress, cancelled)
    elif takes[0].plain:
        images = _images(model, wanted[0], catalogues[0], on_progress, cancelled, keep=files is None)
    else:
        dataset = unlabelled(catalogues[0], takes[0])
        images = _cases(model, wanted[0], dataset, catalogues[0], on_progress, cancelled)
    return answered(model, images)


def _taken(entry: InputContract) -> Taken:
    """What makes one case for an input."""
    return Taken(
        entry.take, entry.neighbours or Taken().neighbours, entry.spacing_mm, leads=entry.leads, rate_hz=entry.rate_hz,
        stored_rate_hz=entry.stored_rate_hz,
    )  # fmt: skip


def _read(
    folders: Sequence[Path],
    wanted: Sequence[InputContract],
    cancelled: Callable[[], bool] | None,
    on_note: Callable[[str], None] | None,
    files: Collection[str] | None,
) -> tuple[list[Catalogue], dict[int, DataSet]]:
    """What lies in the folder of each input, and the rows of those that take a table, by the place of the input."""
    catalogues: list[Catalogue] = []
    tables: dict[int, DataSet] = {}
    for number, (place, entry) in enumerate(zip(folders, wanted, strict=True)):
        if entry.columns:
            tables[number], catalogue = rows_for(place, entry)
            catalogues.append(catalogue)
            continue
        # Copies and scouts are left out of training only: whoever asks for the answers to single images gets them.
        grouped = len(wanted) > 1 or bool(entry.patch) or not _taken(entry).plain
        catalogue = scan(place, cancelled=cancelled, remember=True, only=files, grouped=grouped)
        catalogue, masks = _without_masks(catalogue)
        catalogues.append(catalogue)
        if on_note is not None:
            for note in (*masks, *_converted(catalogue.found, entry), *unsaid(catalogue.found, entry)):
                on_note(note)
    return catalogues, tables


def _without_masks(catalogue: Catalogue) -> tuple[Catalogue, tuple[str, ...]]:
    """The catalogue without the masks that lie beside the images, and a sentence on them where there are any."""
    masks = mask_files(catalogue.found)
    if not masks:
        return catalogue, ()
    rest = tuple(item for item in catalogue.found if item.path not in masks)
    what = "1 mask file is no image" if len(masks) == 1 else f"{len(masks)} mask files are not images"
    return replace(catalogue, found=rest), (f"{what} to predict: {listed(masks, _NAMED_MASKS)}.",)


def _converted(found: Sequence[Found], wanted: InputContract) -> Iterator[str]:
    """How images are changed before the model answers; each way in one sentence."""
    pairs = ((item.channels, wanted.channels) for item in found if item.kind != "signal")
    for (have, _), count in Counter(pair for pair in pairs if pair in ((1, 3), (3, 1))).items():
        kinds = ("grey", "colour") if have == 1 else ("colour", "grey")
        are, were = ("is", "it is") if count == 1 else ("are", "they are")
        yield (
            f"{count} of {counted(len(found), 'image')} {are} {kinds[0]}, and the model takes {kinds[1]} images: "
            f"{were} converted."
        )


def _image_inputs(model: Predictor, folders: int) -> tuple[InputContract, ...]:
    inputs = model.contract.inputs
    if takes_only_draws(model.contract):
        raise RunError(
            "This model makes images out of noise and takes none, so it has no answer for a folder of images; use "
            "`netloom generate` to look at what it makes."
        )
    names = ", ".join(f"“{entry.name}”" for entry in inputs)
    if not inputs or any(entry.feed != "data" for entry in inputs):
        raise RunError(f"This model takes {names or 'nothing'}; a folder can be answered only by a model of images.")
    if len(inputs) != folders:
        order = ", in this order" if len(inputs) > 1 else ""
        came = counted(folders, "folder")
        what = "a folder, or the file of a table," if any(entry.columns for entry in inputs) else "a folder"
        alone = [number for number in range(len(inputs)) if folders == 1 and model.contract.answerable([number])]
        one = f", or one of them by its name (--data “{inputs[alone[0]].name}=FOLDER”)" if alone else ""
        raise RunError(f"This model takes images of {names}: name {what} for each{order}{one}; {came} came.")
    return inputs


def _images(
    model: Predictor,
    wanted: InputContract,
    catalogue: Catalogue,
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
    keep: bool,
) -> Iterator[Given]:
    root, outputs = Path(catalogue.folder), model.contract.outputs
    entries: list[Found | Skipped] = sorted((*catalogue.found, *catalogue.skipped), key=lambda entry: entry.path)
    decoded = decoded_as_found(root, [entry for entry in entries if isinstance(entry, Found)], cancelled, keep)
    unlike = Unlike(root, wanted)
    for done, entry in enumerate(entries, start=1):
        if isinstance(entry, Skipped):
            yield Given(Row(entry.path, outputs, problem=f"{entry.path} {entry.reason}."))
        else:
            answer = next(decoded, None)
            if answer is None:
                return
            why = unlike.of_file(entry)
            if why:
                yield Given(Row(entry.path, outputs, problem=f"{entry.path} {why}."))
            else:
                yield from _frames(answer, entry, outputs, wanted, root, unlike)
        if on_progress is not None:
            on_progress(done, len(entries))


def _cases(
    model: Predictor,
    wanted: InputContract,
    dataset: DataSet,
    catalogue: Catalogue,
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Given]:
    """The images in the form that the model was trained on: volumes, neighbouring slices, another spacing."""
    outputs, asked = model.contract.outputs, asked_of(wanted, catalogue)
    left = {item.path: item for item in (*catalogue.skipped, *dataset.skipped)}
    for path in dataset.label_files:
        left.pop(path, None)
    for sample in dataset.samples:
        for path in (sample.path, *(path for path, _ in sample.slices)):
            left.pop(path, None)
    kinds = {path: item.kind for path, item in asked.files.items()}
    answers = case_images(asked.root, dataset.samples, kinds, cancelled)
    entries: list[Sample | Skipped] = [*dataset.samples, *left.values()]
    entries.sort(key=lambda entry: (entry.path, entry.frame if isinstance(entry, Sample) else 0))
    nowhere = ("",) * len(wanted.size) if wanted.patch else ()
    for done, entry in enumerate(entries, start=1):
        if isinstance(entry, Skipped):
            yield Given(Row(entry.path, outputs, problem=f"{entry.path} {entry.reason}.", at=nowhere))
        else:
            try:
                answer = next(answers)
            except Cancelled:
                return
            yield given_case([entry], [answer], [asked], outputs)
        if on_progress is not None:
            on_progress(done, len(entries))


def _frames(
    answer: Decoded | Failed | Stored, entry: Found, outputs: tuple[OutputContract, ...], wanted: InputContract,
    root: Path, unlike: Unlike,
) -> Iterator[Given]:  # fmt: skip
    """The frames of a file; those that lie in the cache are read by whoever answers for them."""
    if isinstance(answer, Failed):
        yield Given(Row(entry.path, outputs, problem=answer.reason))
        return
    file = root / entry.path
    count = len(answer.rows) if isinstance(answer, Stored) else len(answer.array)
    for number in range(count):
        path = entry.path if count == 1 else f"{entry.path}#{number}"
        row = Row(path, outputs, original=file, sources=((file, number),))
        if isinstance(answer, Stored):
            yield Given(row, unread=Unread(answer, number, wanted, unlike))
        else:
            yield from fitted([row], answer.array[number : number + 1], wanted, unlike)
