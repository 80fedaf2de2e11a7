"""Commands about data and projects: scan, survey, practice, templates, new."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from runtime import template_fit, templates
from runtime.attach import learns_labels
from runtime.cli.output import PROBLEMS, Out, progress, writing
from runtime.data.catalogue import DataSet
from runtime.data.practice_names import PracticeName
from runtime.data.table_choice import with_encoding
from runtime.data.taken import Take, Taken
from runtime.data.warnings_data import sentences
from runtime.data.wording import counted, tally
from runtime.graph import Json
from runtime.store import write_safely
from runtime.taking import taken_of

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Labels = Annotated[
    str,
    typer.Option(
        "--labels",
        help="A CSV file of labels (FILE.csv:COLUMN names its column), the name of a folder of masks, “folders” for "
        "class folders, “points” or points:FILE.csv for points of which each is a case, or “none”. Found by itself "
        "unless given.",
    ),
]
Encoding = Annotated[
    str,
    typer.Option(
        help="How the text of the table of labels is written, such as cp1253, koi8-r or mac-roman; needs --labels FILE."
        " Found by itself unless given.",
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
Taking = Annotated[
    Take,
    typer.Option(
        "--take",
        help="What makes one case: the slices of a series can be put together as volumes, or with "
        "those beside them as channels.",
    ),
]
Neighbours = Annotated[int, typer.Option(min=1, help="For neighbouring slices: how many are the channels; odd.")]
Spacing = Annotated[
    str, typer.Option(help="Resample to this spacing in mm: one number, or one for each axis, such as 3x1x1.")
]
PatchSides = Annotated[
    str,
    typer.Option(
        "--patch", help="Where points of a table are the cases (--labels points): the sides of the patch cut out round "
        "each, in pixels or mm, such as 32, 32x32 or 20x20x20mm.",
    ),
]  # fmt: skip
HitRadius = Annotated[
    float,
    typer.Option(min=0, help="How far from the middle of a finding a point lies on it, in the unit of the patch."),
]
Leads = Annotated[str, typer.Option(help="Of signals, which leads are taken, such as I,II,V1; those of most files.")]
Rate = Annotated[float, typer.Option(min=0, help="Of signals, samples per second to resample to; 0 the commonest.")]
StoredRate = Annotated[
    float, typer.Option(min=0, help="Samples per second of signals that do not say theirs, such as CSV; 0 not known.")
]
_WRITTEN = {"ecg-csv": "CSV file"}
_FEW = 2000  # files whose pixels are looked at without being asked
Folder = Annotated[Path, typer.Argument(help="A folder of images.", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(scan)
    app.command()(survey)
    app.command()(practice)
    app.command(name="templates")(list_templates)
    app.command()(new)


def scan(
    folder: Folder,
    as_json: AsJson = False,
    decode: Annotated[
        bool | None,
        typer.Option(
            help="Decode the pixels of every image too. Done unless said otherwise in folders of up to 2000 files."
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long one file may take to decode.")] = 20.0,
) -> None:
    """Say what lies in a folder: patients, studies, series, sizes, problems."""
    from runtime.cli.scan_report import catalogue_record, summary, tree_lines
    from runtime.data.scan import scan as scan_folder
    from runtime.data.warnings_folder import folder_warnings

    out = Out(as_json)
    with progress("Reading headers") as tick:
        catalogue = scan_folder(folder, tick)
    decode = catalogue.files <= _FEW if decode is None else decode
    if decode and (catalogue.found or catalogue.skipped):
        with progress("Decoding pixels") as tick:
            catalogue = scan_folder(folder, decoding=True, on_decoded=tick, seconds=seconds)
    findings = folder_warnings(folder, catalogue)
    warnings = [dataclasses.asdict(finding) for finding in findings]
    out.result({**catalogue_record(catalogue, decode), "warnings": warnings})
    out.say(*summary(catalogue, decode), *tree_lines(catalogue))
    out.warn(*(finding.sentence for finding in findings))
    out.say(*(f"  not used: {item.path}: {item.reason}" for item in catalogue.skipped), *catalogue.problems)
    raise typer.Exit(0 if catalogue.found else PROBLEMS)


def survey(
    folder: Folder,
    labels: Labels = "",
    encoding: Encoding = "",
    patients: Patients = "",
    take: Taking = "as found",
    neighbours: Neighbours = 3,
    spacing: Spacing = "",
    patch: PatchSides = "",
    hit_radius: HitRadius = 0.0,
    leads: Leads = "",
    rate: Rate = 0.0,
    stored_rate: StoredRate = 0.0,
    thumbnails: Annotated[Path | None, typer.Option(help="Write small pictures of the first cases here.")] = None,
    most: Annotated[int, typer.Option(min=0, help="How many small pictures.")] = 240,
    corrections: Annotated[
        Path | None,
        typer.Option(hidden=True, help="A JSON file of corrections by hand, as a source node stores them."),
    ] = None,
    table: Annotated[
        str, typer.Option(hidden=True, help="Settings of a node that reads a table, as a JSON object.")
    ] = "{}",
    pixels: Annotated[
        bool, typer.Option("--pixels", help="Decode every case at the end, to find copies and burned-in text.")
    ] = False,
) -> None:
    """Tell as JSON lines what the Data workspace shows: progress, small pictures, and the data set with its labels."""
    from runtime.cli.survey import survey_folder

    labels = with_encoding(labels, encoding) if encoding else labels
    taken = _taken(take, neighbours, spacing, leads, rate, stored_rate, _patch(patch, hit_radius))
    mended = json.loads(corrections.read_text(encoding="utf-8")) if corrections is not None else ()
    told = survey_folder(
        folder, labels, patients, thumbnails, most, taken, mended, pixels, json.loads(table)
    )  # fmt: skip
    for record in told:
        typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def practice(
    name: Annotated[PracticeName, typer.Argument(help="What is to be learned from it.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")],
    patients: Annotated[int, typer.Option(min=1, max=999, help="How many patients.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same images.")] = 0,
) -> None:
    """Write a synthetic data set as real files, to try the program with nothing at hand."""
    from runtime.data.practice import write_practice

    written = write_practice(name, folder, patients, seed)
    files = counted(written, _WRITTEN.get(name, "DICOM file"))
    typer.echo(f"{files} of {counted(patients, 'made-up patient')} in {folder}.")


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
    data: Annotated[list[Path], typer.Option(
        "--data", help="The folder of images; once for each source of a template that has several, in their order.",
        readable=False,
    )],
    out: Annotated[Path, typer.Option("--out", help="The project file to write.")],
    labels: Labels = "",
    encoding: Encoding = "",
    patients: Patients = "",
    take: Taking = "as found",
    neighbours: Neighbours = 3,
    spacing: Spacing = "",
    patch: PatchSides = "",
    hit_radius: HitRadius = 0.0,
    leads: Leads = "",
    rate: Rate = 0.0,
    stored_rate: StoredRate = 0.0,
) -> None:
    """Make a project from a template and a folder, or one for each of its sources."""
    from runtime.data.labels import read_dataset
    from runtime.files import save_graph

    labels = with_encoding(labels, encoding) if encoding else labels
    graph = templates.graph_of(template)
    taken = _taken(take, neighbours, spacing, leads, rate, stored_rate, _patch(patch, hit_radius))
    fitted = graph
    for folder in data:
        with progress("Reading headers") as tick:
            dataset = read_dataset(folder, labels, patients=patients, on_progress=tick, taken=taken)
        tell_dataset(Out(), dataset)
        fitted = template_fit.fitted(fitted, dataset, patients)
    with writing(out):
        kept = _kept_aside(out)
        save_graph(fitted, out)
    if kept is not None:
        typer.echo(f"There was a file {out.name} already; it is kept as {kept.name}.", err=True)
    typer.echo(f"{out}: {template}, {counted(len(fitted.nodes), 'node')}.")
    for source in template_fit.empty_sources(fitted):
        typer.echo(f"Note: “{fitted.nodes[source].name}” has no folder yet; name one with another --data.", err=True)
    if not dataset.label and learns_labels(fitted):
        typer.echo(f"Note: It has no labels to learn from yet; `netloom check {out}` says what is missing.", err=True)


def _patch(sides: str, radius: float) -> dict[str, Json]:
    """A patch such as 32x32 or 20mm as the settings of a source node; {} for the usual one."""
    if not sides and not radius:
        return {}
    number, in_mm = re.subn(r"\s*mm\s*$", "", sides)
    told: dict[str, Json] = {"patch": _sides(number)} if number else {}
    return {**told, "patch_unit": "mm" if in_mm else "pixels", "hit_radius": radius}


def _taken(
    take: Take, neighbours: int, spacing: str, leads: str, rate: float, stored_rate: float, patch: dict[str, Json]
) -> Taken:
    """What makes one case, as the options say. Raises DataError for what does not fit."""
    names: list[Json] = [name.strip() for name in leads.split(",") if name.strip()]
    return taken_of({
        "take": take, "neighbours": neighbours, "spacing": _sides(spacing), "leads": names, "rate": rate,
        "stored_rate": stored_rate, **patch,
    })  # fmt: skip


def _sides(spacing: str) -> list[Json]:
    """The numbers of a spacing such as 3x1x1, as words: what is no number is told by taken_of."""
    sides = [side for side in re.split(r"[x×;\s]+", spacing.strip().replace(",", ".")) if side]
    return [*(sides or spacing.split())]


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
