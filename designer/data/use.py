"""What becomes of surveyed data: they go into the project's source node, or a template is fitted to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from designer.data.known import effective, still_meant
from designer.data.survey import Found
from nodes.roles import DataSource, Loss, Output, Source
from nodes.signals import Signals
from nodes.spec import find
from runtime.attach import data_sources
from runtime.data.catalogue import DataError
from runtime.data.corrections import corrections_in
from runtime.data.table_cases import asked_in
from runtime.data.taken import Patch
from runtime.document import Document
from runtime.graph import Graph, Json
from runtime.taking import taken_of, words_of
from runtime.template_fit import fit, give_data
from runtime.templates import graph_of
from runtime.whole_drawing import put_drawing

ASKED = ("columns", "cases", "labels", "patients", "missing")  # settings of a node that reads a table
_ENDS = (Source, Loss, Output)
_SAME_ROWS = ("folder", "fingerprint", "read_as", "found_columns")
_SAME = ("folder", "fingerprint", "labels", "patients", "label", "taken", "points")


def entry_of(document: Document, wanted: str = "") -> str:
    """The node that takes the data: the wanted one, else the first that reads a folder, else the only one that takes
    data in; or ""."""
    if wanted in document.nodes:
        return wanted
    reading = data_sources(document.graph())
    entering = [node_id for node_id, node in document.nodes.items() if _enters(node.type)]
    return reading[0] if reading else entering[0] if len(entering) == 1 else ""


def sources_of(document: Document) -> dict[str, str]:
    """The nodes that read a folder, with their names, in order of creation."""
    return {source: document.nodes[source].name for source in data_sources(document.graph())}


def taking_of(document: Document, wanted: str = "") -> list[str]:
    """What makes one case in the node that takes the data, as words for the survey; [] for as found."""
    source = entry_of(document, wanted)
    settings = document.nodes[source].settings if source else {}
    if source and _reads_a_table(document, source):
        asked = {name: settings[name] for name in ASKED if settings.get(name)}
        return ["--table", json.dumps(asked, ensure_ascii=False)]
    if source and document.nodes[source].type == Signals.id:
        return _of_signals(settings)
    take, spacing = str(settings.get("take") or "as found"), settings.get("spacing") or []
    words = ["--take", take] if take != "as found" else []
    if take == "neighbouring slices" and settings.get("neighbours"):
        words += ["--neighbours", str(settings["neighbours"])]
    sides = spacing if isinstance(spacing, list | tuple) else [spacing]
    words += ["--spacing", "x".join(str(side) for side in sides)] if sides else []
    return words + _patch_words(settings)


def _patch_words(settings: Mapping[str, Json]) -> list[str]:
    """What is cut out round points in the node, where it differs from what is usual."""
    patch = taken_of(settings).patch
    if patch == Patch():
        return []
    sides = "x".join(f"{side:g}" for side in patch.sides) + ("mm" if patch.unit == "mm" else "")
    return ["--patch", sides, "--hit-radius", f"{patch.radius:g}"]


def _of_signals(settings: Mapping[str, Json]) -> list[str]:
    """The leads and rates that a node asks for, as words for the survey."""
    taken = taken_of(settings)
    words = ["--leads", ",".join(taken.leads)] if taken.leads else []
    words += ["--rate", f"{taken.rate_hz:g}"] if taken.rate_hz else []
    return [*words, "--stored-rate", f"{taken.stored_rate_hz:g}"] if taken.stored_rate_hz else words


def _reads_a_table(document: Document, node: str) -> bool:
    kind = find(document.nodes[node].type)
    return kind is not None and issubclass(kind, DataSource) and kind.tabular


def asks_otherwise(document: Document, wanted: str = "") -> bool:
    """Whether the node that takes the data asks for another form of them than they were read in."""
    source = entry_of(document, wanted)
    settings = document.nodes[source].settings if source else {}
    if source and _reads_a_table(document, source):
        own = asked_in({name: settings.get(name, "") for name in ASKED})
        columns = list(own.columns) if own.columns else settings.get("found_columns")
        return bool(settings.get("fingerprint")) and (
            own.words() != settings.get("read_as") or columns != settings.get("found_columns")
        )
    asked = words_of(taken_of(settings), bool(settings.get("points")))
    known = bool(settings.get("folder") and settings.get("fingerprint"))
    return known and any(asked[name] != str(settings.get(name) or "") for name in ("taken", "points"))


def held_folder(document: Document, wanted: str = "") -> tuple[Path | None, str, str]:
    """The folder of the node that takes the data (None without one), its choice of labels, and of patients."""
    source = entry_of(document, wanted)
    settings = document.nodes[source].settings if source else {}
    folder = str(settings.get("folder") or "")
    return Path(folder) if folder else None, str(settings.get("labels") or ""), str(settings.get("patients") or "")


def mended_in(document: Document, wanted: str = "") -> list[str]:
    """What was mended by hand in the node that takes the data, as it stores it."""
    source = entry_of(document, wanted)
    held = document.nodes[source].settings.get("corrections") if source else ()
    return [str(entry) for entry in held] if isinstance(held, list | tuple) else []


def why_not_usable(document: Document, found: Found | None, node: str = "") -> str:
    """The reason for which the data cannot go into the drawing, "" when they can."""
    if found is None:
        return "Drop a folder of images here first, or choose one."
    if not found.settings:
        return "The folder gave no images that can be used; see what was found."
    entry = entry_of(document, node)
    if entry and (found.dataset.get("source") == "table") != _reads_a_table(document, entry):
        shown, reads = ("a table", "images") if found.dataset.get("source") == "table" else ("images", "a table")
        return f"This is {shown}, and “{document.nodes[entry].name}” reads {reads}; add a node that reads {shown}."
    if document.nodes and not entry:
        return "The drawing has no place where images enter; add an image source in Design."
    return ""


def in_use(document: Document, found: Found | None, node: str = "") -> str:
    """The name of the source node that holds these very data, "" when none does."""
    source = entry_of(document, node)
    if found is None or not found.settings or not source:
        return ""
    held = document.nodes[source]
    # An older version may have learned less of the same data.
    settings = effective(found, held.settings.get("corrections"))
    names = _SAME_ROWS if _reads_a_table(document, source) else _SAME
    pairs = [(settings.get(name), held.settings.get(name)) for name in names]
    same = all(now == there or (not now and not there) for now, there in pairs)
    return held.name if same and held.type == found.dataset["source"] else ""


def what_is_read(document: Document, shown: Path | None, found: Found | None, node: str = "") -> str:
    """What the project's source reads while another folder, or another reading of it, is shown; "" when they agree."""
    source = entry_of(document, node)
    read = str(document.nodes[source].settings.get("folder") or "") if source else ""
    if read and Path(read) == shown and asks_otherwise(document, node):
        settings = document.nodes[source].settings
        if _reads_a_table(document, source):
            return f"“{document.nodes[source].name}” asks for other columns, or reads them otherwise, than shown here."
        asked = words_of(taken_of(settings), bool(settings.get("points")))
        name = "taken" if asked["taken"] != str(settings.get("taken") or "") else "points"
        now, was = asked[name] or "as found", settings.get(name) or "as found"
        return f"“{document.nodes[source].name}” asks for cases {now}, and the folder was read {was}."
    if not read or found is None or shown is None or in_use(document, found, node):
        return ""
    name, offers = document.nodes[source].name, not why_not_usable(document, found, node)
    if Path(read) != shown:
        way = " “Use this data” puts this folder in its place." if offers else ""
        return f"“{name}” reads {read}, not the folder that is shown here.{way}"
    way = " “Use this data” takes what is shown." if offers else ""
    return f"“{name}” reads this folder with other labels, patients or files than are shown here.{way}"


def use(document: Document, found: Found, node: str = "") -> str:
    """Put the data into the drawing, as one step of undo; gives what the user should know.

    A whole drawing without data yet is fitted as a template is; in one that had data before, or that still lacks its
    end, only the source node changes.
    """
    source = entry_of(document, node)
    source_type = str(found.dataset["source"])
    reads_rows = _reads_a_table(document, source)
    if not reads_rows and not document.nodes[source].settings.get("found_size") and _is_whole(document):
        try:
            fit(document, source_type, found.settings, source)
        except DataError as error:
            give_data(document, source, source_type, found.settings)
            return str(error)
        return ""
    settings, note = _with_corrections(document, source, found)
    give_data(document, source, source_type, settings)
    return note


def _with_corrections(document: Document, source: str, found: Found) -> tuple[Mapping[str, Json], str]:
    """What the source learns of the folder; labels mended by hand in another folder stay only where they fit."""
    held = document.nodes[source].settings
    corrections = corrections_in(held.get("corrections"))
    same = held.get("folder") == found.settings.get("folder") or still_meant(found, corrections, held.get("images"))
    if same or not (corrections.labels or corrections.left_out):
        return effective(found, held.get("corrections")), ""
    count = len({*corrections.labels, *corrections.left_out})
    note = f"{count} corrections made by hand belonged to other data, and were dropped; Ctrl+Z brings them back."
    return {**found.settings, "corrections": []}, note


def begin(document: Document, found: Found, template: str) -> str:
    """Fill an empty drawing with a template fitted to the data, with "" by their source alone; why not, or ""."""
    if not template:
        begin_alone(document, found)
        return ""
    try:
        graph = template_graph(template, found)
    except DataError as error:
        return str(error)
    put_drawing(document, graph, "Begin from a template")
    return ""


def template_graph(name: str, found: Found) -> Graph:
    """The template fitted to the data. Raises DataError when it does not learn what the labels offer."""
    document = Document(graph_of(name))
    fit(document, str(found.dataset["source"]), found.settings)
    return document.graph()


def begin_alone(document: Document, found: Found) -> None:
    """Begin an empty drawing with nothing but the source of these data, as one step of undo."""
    source_type = str(found.dataset["source"])
    kind = find(source_type)
    with document.edit("Begin with the data"):
        give_data(document, document.add(source_type, kind.title if kind else ""), source_type, found.settings)


def _is_whole(document: Document) -> bool:
    """Whether the drawing has one source, one loss and one output, as a template has."""
    kinds = [find(node.type) for node in document.nodes.values()]
    return all(sum(kind is not None and issubclass(kind, role) for kind in kinds) == 1 for role in _ENDS)


def _enters(type_id: str) -> bool:
    kind = find(type_id)
    return kind is not None and issubclass(kind, Source) and kind.feed in ("data", "given")
