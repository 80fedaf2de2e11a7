"""The command that looks for ways around the disease in a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.data import AsJson, Labels, Patients
from runtime.cli.output import WRONG_CALL, Out, Refused, progress


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(shortcuts)


def shortcuts(
    data: Annotated[Path, typer.Argument(help="A project file, or a folder of images.", readable=False)],
    labels: Labels = "",
    patients: Patients = "",
    as_json: AsJson = False,
) -> None:
    """Say how well headers, the border of the images or a blur alone foretell the label, by patient.

    What foretells it without the disease, a network may learn instead of the disease.
    """
    from runtime.analysis import analyse
    from runtime.data.labels import read_dataset
    from runtime.data.scan import scan
    from runtime.files import load_graph
    from runtime.leading import lead_of
    from runtime.looking.shortcuts import find_shortcuts, record_of
    from runtime.material import read_data

    if data.is_dir():
        catalogue = scan(data)
        dataset = read_dataset(data, labels, catalogue, patients)
    elif labels or patients:
        said = "A project says itself where its labels and patients are; --labels and --patients are for folders."
        raise Refused(said, code=WRONG_CALL)
    else:
        analysis = analyse(load_graph(data).graph)
        dataset = read_data(analysis, lead_of(analysis))
        catalogue = scan(Path(dataset.folder))
    with progress("Reading the images") as tick:
        found = find_shortcuts(dataset, catalogue, tick)
    record = record_of(dataset, found)
    out = Out(as_json)
    out.say(*(finding.sentence for finding in found), record.facts["summary"])
    if not record.facts["patients_known"]:
        out.warn("The patients are not known, so each case counts as its own: the intervals may be too narrow.")
    out.result(record.as_dict())
