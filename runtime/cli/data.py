"""Commands about data and projects: scan, survey, practice, templates, new."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime import templates
from runtime.cli.output import PROBLEMS, Out, progress
from runtime.data.catalogue import Catalogue, DataSet, Skipped

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Labels = Annotated[str, typer.Option("--labels", help="A CSV file of labels, or the name of the folder of masks.")]
Patients = Annotated[str, typer.Option("--patients", help="Which folder level names the patient (see the README).")]
Folder = Annotated[Path, typer.Argument(help="A folder of images.")]


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
    out.say(
        f"{catalogue.files} files: {len(catalogue.found)} images used, {len(catalogue.skipped)} not used.",
        f"{catalogue.patients} patients, {len(catalogue.series)} series.",
    )
    for row in catalogue.series:
        out.say(f"  {row.modality or 'image'} {row.columns}×{row.rows}, {row.frames} images{_with(row.problems)}")
    out.say(*(f"  not used: {item.path}: {item.reason}" for item in catalogue.skipped), *catalogue.problems)
    raise typer.Exit(0 if catalogue.found else PROBLEMS)


def _with(problems: tuple[str, ...]) -> str:
    return f": {' '.join(problems)}" if problems else ""


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
    patients: Annotated[int, typer.Option(min=1, help="How many patients.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same images.")] = 0,
) -> None:
    """Write a synthetic data set as real DICOM files, to try the program with nothing at hand."""
    from runtime.data.practice import write_practice

    written = write_practice(name, folder, patients, seed)
    typer.echo(f"{written} DICOM files of {patients} made-up patients in {folder}.")


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
    data: Annotated[Path, typer.Option("--data", help="The folder of images.")],
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
    save_graph(fitted, out)
    typer.echo(f"{out}: {template}, {len(fitted.nodes)} nodes.")


def tell_dataset(out: Out, dataset: DataSet) -> None:
    """Say what the folder became, and why."""
    out.say(*dataset.said)
    out.warn(*dataset.warnings)
    if dataset.skipped:
        out.say(f"{len(dataset.skipped)} files are not used (`netloom scan` lists each):", *tally(dataset.skipped))


def tally(skipped: Sequence[Skipped]) -> list[str]:
    """Why files are not used, the commonest reason first, with one file as an example."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.reason, []).append(item.path)
    ranked = sorted(reasons.items(), key=lambda entry: -len(entry[1]))
    return [f"  {len(paths)}: {paths[0]}{' and others' * (len(paths) > 1)}: {reason}" for reason, paths in ranked]
