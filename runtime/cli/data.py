"""Commands about data and projects: scan, survey, practice, templates, new."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime import templates
from runtime.cli.output import PROBLEMS, Out, progress, writing
from runtime.data.catalogue import Catalogue, DataSet, Series
from runtime.data.warnings_data import sentences
from runtime.data.wording import counted, tally
from runtime.store import write_safely

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Labels = Annotated[
    str,
    typer.Option(
        "--labels",
        help="A CSV file of labels (FILE.csv:COLUMN names its column), the name of a folder of masks, “folders” for "
        "class folders, or “none”. Found by itself unless given.",
    ),
]
Patients = Annotated[
    str,
    typer.Option(
        "--patients",
        help="The folder level that names the patient where the files do not: 1 is the outermost, -1 the folder that "
        "holds the image; or a pattern such as “patient*”.",
    ),
]
Folder = Annotated[Path, typer.Argument(help="A folder of images.", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(scan)
    app.command()(survey)
    app.command()(practice)
    app.command(name="templates")(list_templates)
    app.command()(new)


def scan(folder: Folder, as_json: AsJson = False) -> None:
    """Say what lies in a folder: patients, studies, series, sizes, problems."""
    from runtime.data.scan import scan as scan_folder

    out = Out(as_json)
    with progress("Reading headers") as tick:
        catalogue = scan_folder(folder, tick)
    out.result(catalogue_record(catalogue))
    frames = sum(item.frames for item in catalogue.found)
    patients = counted(catalogue.patients, "named patient")
    studies = len({item.study for item in catalogue.found if item.study})
    closed = sum(item.folder for item in catalogue.skipped)
    out.say(
        f"{counted(catalogue.files, 'file')}: {counted(frames, 'image')} in {len(catalogue.found)} of them, "
        f"{len(catalogue.skipped) - closed} not used.",
        *([f"{counted(closed, 'folder')} not looked into."] if closed else []),
        f"{patients}, {_studies(studies)}{counted(len(catalogue.series), 'series')}.",
    )
    out.say(*(_series_line(row) for row in catalogue.series))
    out.say(*(f"  not used: {item.path}: {item.reason}" for item in catalogue.skipped), *catalogue.problems)
    raise typer.Exit(0 if catalogue.found else PROBLEMS)


def _studies(count: int) -> str:
    return f"{count} {'study' if count == 1 else 'studies'}, " if count else ""


def _series_line(row: Series) -> str:
    """A series by its patient, a folder of plain images by its name."""
    whose = row.patient or row.uid or "the folder itself"
    problems = f": {'; '.join(row.problems)}" if row.problems else ""
    return f"  {row.modality or 'image'} {row.columns}×{row.rows}, {counted(row.frames, 'image')}, {whose}{problems}"


def catalogue_record(catalogue: Catalogue) -> dict[str, Any]:
    """The catalogue as the JSON of `netloom scan`."""
    return {
        "files": catalogue.files,
        "images": sum(item.frames for item in catalogue.found),
        "patients": catalogue.patients,
        "series": [dataclasses.asdict(row) for row in catalogue.series],
        "skipped": [dataclasses.asdict(item) for item in catalogue.skipped],
        "problems": list(catalogue.problems),
    }


def survey(
    folder: Folder,
    labels: Labels = "",
    patients: Patients = "",
    thumbnails: Annotated[Path | None, typer.Option(help="Write small pictures of the first cases here.")] = None,
    most: Annotated[int, typer.Option(min=0, help="How many small pictures.")] = 240,
) -> None:
    """Tell as JSON lines what the Data workspace shows: progress, small pictures, and the data set with its labels."""
    from runtime.cli.survey import survey_folder

    for record in survey_folder(folder, labels, patients, thumbnails, most):
        typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def practice(
    name: Annotated[Literal["t1-t2", "lesion", "size"], typer.Argument(help="What is to be learned from it.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")],
    patients: Annotated[int, typer.Option(min=1, max=999, help="How many patients.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same images.")] = 0,
) -> None:
    """Write a synthetic data set as real DICOM files, to try the program with nothing at hand."""
    from runtime.data.practice import write_practice

    written = write_practice(name, folder, patients, seed)
    typer.echo(f"{counted(written, 'DICOM file')} of {counted(patients, 'made-up patient')} in {folder}.")


def list_templates(as_json: AsJson = False) -> None:
    """List the templates."""
    known = templates.known()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(template) for template in known], ensure_ascii=False))
        return
    for template in known:
        typer.echo(f"{template.name:18} {template.task:15} {template.says}")


def new(
    template: Annotated[str, typer.Argument(help="A name from `netloom templates`.")],
    data: Annotated[Path, typer.Option("--data", help="The folder of images.", readable=False)],
    out: Annotated[Path, typer.Option("--out", help="The project file to write.")],
    labels: Labels = "",
    patients: Patients = "",
) -> None:
    """Make a project from a template and a folder."""
    from runtime.data.labels import read_dataset
    from runtime.files import save_graph

    graph = templates.graph_of(template)
    with progress("Reading headers") as tick:
        dataset = read_dataset(data, labels, patients=patients, on_progress=tick)
    tell_dataset(Out(), dataset)
    fitted = templates.fitted(graph, dataset, patients)
    with writing(out):
        kept = _kept_aside(out)
        save_graph(fitted, out)
    if kept is not None:
        typer.echo(f"There was a file {out.name} already; it is kept as {kept.name}.", err=True)
    typer.echo(f"{out}: {template}, {counted(len(fitted.nodes), 'node')}.")
    if not dataset.label:
        typer.echo(f"Note: It has no labels to learn from yet; `netloom check {out}` says what is missing.", err=True)


def _kept_aside(out: Path) -> Path | None:
    """A copy of the file that is about to be replaced, in the place of an older copy; None when there is no file."""
    if not out.exists():
        return None
    kept = out.with_name(f"{out.name}.bak")
    write_safely(kept, out.read_bytes())
    return kept


def tell_dataset(out: Out, dataset: DataSet) -> None:
    """Say what the folder became, and why."""
    out.say(*dataset.said)
    out.warn(*dataset.warnings, *sentences(dataset.findings))
    if dataset.skipped:
        count = len(dataset.skipped)
        files = "1 file is" if count == 1 else f"{count} files are"
        lines = (f"  {line}" for line in tally(dataset.skipped))
        out.say(f"{files} not used (`netloom scan` lists each):", *lines)
