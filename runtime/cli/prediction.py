"""The command by which a model answers: for a folder, for one file, or for whatever comes into a folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from runtime.cli.output import WRONG_CALL, Out, Refused, Tick, of_the_input, progress, writing
from runtime.cli.run_folders import trained_run
from runtime.data.wording import counted
from runtime.data_places import named_places
from runtime.lifeline import hold_on
from runtime.locks import Locked, held
from runtime.signals import asked_to_stop

if TYPE_CHECKING:
    from runtime.delivery.answers import Row
    from runtime.delivery.predictors import Predictor

Form = Literal["auto", "png", "nifti", "dicom", "csv"]
_MADE = "DICOM files for research use only; they name the patients, as their images do"


_Model = Annotated[Path, typer.Argument(help="A run folder, or an exported ONNX file.", readable=False)]
_Table = Annotated[Path, typer.Option("--out", help="The table to write; with --watch a folder.", readable=False)]
_Images = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FOLDER...", readable=False,
        help="The images: a folder, or one file; for a model of several images a folder for each, in the order of "
        "its inputs.",
    ),
]  # fmt: skip
_Named = Annotated[
    list[str] | None,
    typer.Option(
        "--data", metavar="NAME=FOLDER",
        help="Instead of FOLDER: what an input of that name is given, a folder of images or the file of a table; "
        "once for each. Outputs that need an input which is not named are left out.",
    ),
]  # fmt: skip
_Points = Annotated[
    str,
    typer.Option(
        metavar="TABLE", help="For a model of patches: the table of points (image, x, y, in volumes z) to answer "
        "for. Found by itself where it is named candidates or points and lies in the folder.",
    ),
]  # fmt: skip
_Watched = Annotated[
    Path | None, typer.Option("--watch", help="Go on answering what comes into this folder.", readable=False)
]
_Lines = Annotated[bool, typer.Option("--lines", help="Print each answer as a line of JSON as it comes.")]
_FormOfMasks = Annotated[
    Form, typer.Option("--out-format", help="Of masks. auto: PNG, or NIfTI of volumes. dicom: SEG and a report.")
]


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(predict)


def predict(
    model: _Model,
    out: _Table,
    images: _Images = None,
    data: _Named = None,
    points: _Points = "",
    watched: _Watched = None,
    lines: _Lines = False,
    form: _FormOfMasks = "auto",
) -> None:
    """Apply a model to a folder or a file; every file gets a row, and masks lie in a folder beside the table. Images
    that the model was not made for get none, with the reason. For research use only.

    With --watch it goes on until it is stopped (Ctrl+C, or a file named stop in the folder of the answers); each file
    is answered once, also when it is started again.
    """
    if sum(map(bool, (images, data, watched))) != 1:
        raise Refused("Name either a folder of images, or one to watch with --watch.", code=WRONG_CALL)
    from runtime.delivery.predictors import predictor_of

    few = watched is not None or (images is not None and all(path.is_file() for path in images))
    with of_the_input():
        predictor = predictor_of(trained_run(model).folder if model.is_dir() else model, few)
    if data:
        predictor, images = _by_name(predictor, data)
    Out().warn(*predictor.notes)
    if watched is not None:
        if form != "auto":
            raise Refused("A watched folder gets PNG or NIfTI masks; leave out --out-format.", code=WRONG_CALL)
        _watch(predictor, watched, out, lines)
    else:
        _predict(predictor, images or [], out, lines, form, points)


def _predict(predictor: Predictor, images: list[Path], out: Path, lines: bool, form: Form, points: str) -> None:
    from runtime.delivery.predict import predict_folder
    from runtime.delivery.prediction_files import write_predictions

    patches = any(entry.patch for entry in predictor.contract.inputs)
    if patches and form == "dicom":
        raise Refused("A score for each point has no form in DICOM here; leave out --out-format.", code=WRONG_CALL)
    if points and not patches:
        raise Refused("This model takes whole images; leave out --points.", code=WRONG_CALL)
    table = any(entry.columns for entry in predictor.contract.inputs)
    one_file = len(images) == 1 and images[0].is_file() and not table
    folders, files = ([images[0].parent], [images[0].name]) if one_file else (images, None)
    where = " and ".join(map(str, images))
    none = f"No file in {where} could be answered; choose a folder with images that fit the model."
    with writing(out), progress("Predicting") as tick:
        rows = predict_folder(predictor, folders, _tick(tick, lines), on_note=Out().warn, files=files, points=points)
        first = next(rows, None)
        if first is None:
            raise Refused(none)  # and an older table stays
        rows = chain([first], rows)
        written = write_predictions(_told(rows) if lines else rows, out, form)
    one = written.failed == 1
    unread = f"; {written.failed} {'file has' if one else 'files have'} none, the column “problem” says why"
    typer.echo(f"{written.file}: {counted(written.answered, 'prediction')}{unread if written.failed else ''}.")
    if written.boxes is not None:
        typer.echo(f"{written.boxes}: every box, in pixels of its image.")
    if written.pictures is not None:
        typer.echo(f"{written.pictures}: {_MADE if form == 'dicom' else 'the masks or images that it made'}.")
    if not written.answered:
        raise Refused(f"{where} could not be answered; the column “problem” says why." if one_file else none)


def _by_name(predictor: Predictor, data: list[str]) -> tuple[Predictor, list[Path]]:
    """The model for the inputs that are named, and their places in its order. Raises Refused where it needs others."""
    from runtime.delivery.narrowed import narrowed

    with of_the_input():
        found = named_places([entry.name for entry in predictor.contract.inputs], data)
        return narrowed(predictor, found), [found[number] for number in sorted(found)]


def _watch(predictor: Predictor, folder: Path, out: Path, lines: bool) -> None:
    from runtime.delivery.watching import STOP, TABLE, watch

    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}; name the folder to watch.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / STOP).unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"{out} cannot be used ({error.strerror}); name a folder for the answers.") from error
    hold_on()
    stop = threading.Event()
    if not lines:
        typer.echo(f"Watching {folder}; the answers go into {out / TABLE}. Ctrl+C ends it.")
    try:
        with held(out / "lock"), asked_to_stop(stop.set):
            for answered in watch(predictor, folder, out, lambda: stop.is_set() or (out / STOP).exists(), stop.wait):
                for row in answered.rows:
                    _say(row, lines)
    except Locked as error:
        raise Refused(f"Another watch writes into {out}; stop it first, or name another folder.") from error
    if not lines:
        typer.echo("Stopped watching.")


def _say(row: Row, lines: bool) -> None:
    from runtime.delivery.prediction_files import told

    if lines:
        _line(told(row))
    else:
        typer.echo(row.problem or f"{row.path}: {', '.join(answer.predicted for answer in row.answers)}")


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, each told as it passes."""
    for row in rows:
        _say(row, True)
        yield row


def _tick(tick: Tick, lines: bool) -> Tick:
    return (lambda done, total: _line({"done": done, "total": total})) if lines else tick


def _line(record: dict[str, Any]) -> None:
    typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))
