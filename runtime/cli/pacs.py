"""The commands about a PACS: is it there, what does it hold, fetch it. Nothing is sent before one of them is called."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import FAILED, PROBLEMS, WRONG_CALL, Out, Refused, progress
from runtime.data.wording import counted
from runtime.pacs.address import Address, DicomAddress, Wanted, address_of, question_of, wanted_of
from runtime.pacs.events import Fetched, Progress, Series, Study, Warned, record_of

_PASSWORD = "NETLOOM_PACS_PASSWORD"

Url = Annotated[str, typer.Option(help="The DICOMweb service, such as https://pacs.example.org/dicom-web.")]
User = Annotated[str, typer.Option(help=f"Its user; the password is taken from the variable {_PASSWORD}.")]
Host = Annotated[str, typer.Option(help="The PACS, to be spoken to by DICOM messages.")]
Port = Annotated[int, typer.Option(help="Its port.")]
Called = Annotated[str, typer.Option(help="Its AE title.")]
Calling = Annotated[str, typer.Option(help="The AE title of this computer.")]
ListenPort = Annotated[int, typer.Option(help="The port of this computer to which the PACS sends by C-MOVE.")]
HowFetched = Annotated[Literal["best", "get", "move"], typer.Option(help="C-GET, C-MOVE, or what is offered.")]
Tls = Annotated[bool, typer.Option("--tls", help="Speak DICOM over TLS.")]
Authority = Annotated[str, typer.Option(help="A PEM file of certificates to trust, in place of the system's.")]
Certificate = Annotated[str, typer.Option(help="A PEM file with the certificate and key of this computer.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for an answer.")]
Request = Annotated[
    str, typer.Option(help="With - the whole request is one line of JSON on stdin; its end cancels.", hidden=True)
]
AsEvents = Annotated[bool, typer.Option("--events", help="Print each event as a line of JSON.")]

commands = typer.Typer(
    name="pacs",
    help="Look for studies in a PACS and fetch them into a folder. Exit codes as for every command.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.add_typer(commands)


@commands.command("test")
def try_it(
    url: Url = "", user: User = "", host: Host = "", port: Port = 104, called: Called = "ANY-SCP",
    calling: Calling = "NETLOOM", tls: Tls = False, authority: Authority = "", certificate: Certificate = "",
    timeout: Timeout = 30.0, request: Request = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask whether the PACS is there: C-ECHO, or one small question by DICOMweb."""
    from runtime.pacs.query import test_connection

    with _asked(request) as (given, _):
        address = _address(given, locals())
        test_connection(address)
    out = Out(as_json)
    way = "C-ECHO" if isinstance(address, DicomAddress) else "DICOMweb"
    out.say(f"The PACS answers ({way}).")
    out.result({"ok": True})


@commands.command()
def find(
    patient_id: Annotated[str, typer.Option(help="The patient's ID.")] = "",
    patient_name: Annotated[str, typer.Option(help="A part of the name; * and ? stand for any letters.")] = "",
    accession: Annotated[str, typer.Option(help="The accession number.")] = "",
    since: Annotated[str, typer.Option(help="The first day, such as 2024-01-31.")] = "",
    until: Annotated[str, typer.Option(help="The last day.")] = "",
    modality: Annotated[str, typer.Option(help="Such as MR or CT.")] = "",
    description: Annotated[str, typer.Option(help="A part of the description of the study.")] = "",
    url: Url = "", user: User = "", host: Host = "", port: Port = 104, called: Called = "ANY-SCP",
    calling: Calling = "NETLOOM", tls: Tls = False, authority: Authority = "", certificate: Certificate = "",
    timeout: Timeout = 30.0, request: Request = "", events: AsEvents = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the studies that fit, with their series; 1 when there is none."""
    from runtime.pacs.query import NothingFound
    from runtime.pacs.query import find as ask

    out = Out(as_json)
    found: list[Study | Series] = []
    with _asked(request) as (given, over):
        question = question_of(given["question"] if given else locals())
        try:
            for event in ask(_address(given, locals()), question, over):
                if isinstance(event, Warned):
                    out.warn(event.message)
                else:
                    found.append(event)
                if events:
                    _print(event)
        except NothingFound as error:
            raise Refused(str(error), code=PROBLEMS) from error
    if not events:
        out.say(*_lines(found))
        out.result({"studies": _studies(found)})


@commands.command()
def fetch(
    studies: Annotated[
        list[str] | None, typer.Argument(help="STUDY or STUDY/SERIES, as `netloom pacs find` says them.")
    ] = None,
    into: Annotated[Path | None, typer.Option(help="The folder to fetch into; what is there already stays.")] = None,
    url: Url = "", user: User = "", host: Host = "", port: Port = 104, called: Called = "ANY-SCP",
    calling: Calling = "NETLOOM", listen_port: ListenPort = 11112, way: HowFetched = "best", tls: Tls = False,
    authority: Authority = "", certificate: Certificate = "", timeout: Timeout = 30.0, request: Request = "",
    events: AsEvents = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Fetch studies and series into a folder; called again, it goes on where it ended."""
    from runtime.pacs.fetch import fetch as work

    out = Out(as_json)
    with _asked(request) as (given, over):
        address, wanted = _address(given, locals()), _wanted(given, studies)
        folder = Path(given["folder"]) if given else into
        if folder is None:
            raise Refused("No folder was named: give --into FOLDER.", code=WRONG_CALL)
        ended: Fetched | None = None
        with progress("Fetching images") as tick:
            for event in work(address, wanted, folder, over):
                if events:
                    _print(event)
                if isinstance(event, Progress):
                    tick(event.files, event.of or 0)
                elif isinstance(event, Warned):
                    out.warn(event.message)
                else:
                    ended = event
    if ended is not None:
        _tell_end(out, ended, events)


def _tell_end(out: Out, ended: Fetched, events: bool) -> None:
    said = f"{counted(ended.fetched, 'image')} fetched into {ended.folder}"
    there = f"; {counted(ended.present, 'image')} were there before" if ended.present else ""
    if not events:
        out.say(f"{said}{there}.")
    if ended.cancelled:
        raise Refused("Cancelled; what has come is kept, and the next fetch goes on from there.", code=FAILED)
    if ended.missing:
        raise Refused(
            f"{counted(ended.missing, 'image')} did not come, also when asked for again: the PACS may not be able to "
            "send them. Fetch again later; what has come is kept.",
            code=FAILED,
        )
    if not events:
        out.result({name: value for name, value in record_of(ended).items() if name != "event"})


def _address(given: Mapping[str, Any] | None, options: Mapping[str, Any]) -> Address:
    """From the request on stdin, else from the options and the variable that holds the password."""
    if given is not None:
        return address_of(given["address"])
    named = {**options, "timeout_s": options["timeout"], "password": os.environ.get(_PASSWORD, "")}
    return address_of(named)


def _wanted(given: Mapping[str, Any] | None, words: list[str] | None) -> list[Wanted]:
    named = list(given["wanted"]) if given is not None else words or []
    if not named:
        raise Refused("Nothing to fetch was named: give at least one STUDY or STUDY/SERIES.", code=WRONG_CALL)
    return [wanted_of(str(word)) for word in named]


@contextmanager
def _asked(request: str) -> Iterator[tuple[Mapping[str, Any] | None, threading.Event]]:
    """The request on stdin, if it comes that way, and what is set as soon as stdin ends: the user wants no more.

    Names of patients and passwords come that way, since every user of a computer sees the words of a command.
    """
    over = threading.Event()
    if not request:
        yield None, over
        return
    try:
        given = json.loads(sys.stdin.readline()) if request == "-" else None
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused("The request on stdin is no line of JSON.", code=WRONG_CALL)

    end = sys.stdin.fileno()

    def watch() -> None:
        while os.read(end, 4096):  # not sys.stdin itself: waiting in it would keep this process from ending
            pass
        over.set()

    threading.Thread(target=watch, daemon=True).start()
    yield given, over


def _print(event: Study | Series | Progress | Warned | Fetched) -> None:
    typer.echo(json.dumps(record_of(event), ensure_ascii=False, allow_nan=False))


def _studies(found: list[Study | Series]) -> list[dict[str, Any]]:
    made = {item.uid: {**record_of(item), "series": []} for item in found if isinstance(item, Study)}
    for item in found:
        if isinstance(item, Series):
            made[item.study]["series"].append(record_of(item))
    return [*made.values()]


def _lines(found: list[Study | Series]) -> Iterator[str]:
    for study in (item for item in found if isinstance(item, Study)):
        said = (study.patient_id, study.patient_name, study.date, "/".join(study.modalities), study.description)
        yield "  ".join([study.uid, *filter(None, said)])
        for series in (item for item in found if isinstance(item, Series) and item.study == study.uid):
            images = "" if series.images is None else counted(series.images, "image")
            about = filter(None, (series.modality, series.description, images))
            yield "  ".join([f"  {series.study}/{series.uid}", *about])
