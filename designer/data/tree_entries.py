"""Patients, studies, series, stacks and files of a survey, each with what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication

from designer.data.cases import CaseBook
from designer.parts import counted, pixels


@dataclass
class Entry:
    """One line of the tree. `slices` are what the viewer shows of it; `more` makes the lines below when asked."""

    title: str
    verdict: str = ""  # use, note, excluded
    why: str = ""
    about: str = ""  # kind, size, spacing ...
    level: str = ""  # patient, study, series, stack, file, group
    slices: Sequence[Sequence[Any]] = ()
    paths: tuple[str, ...] = ()
    children: list[Entry] = field(default_factory=list)
    more: Callable[[], list[Entry]] | None = None

    def words(self) -> str:
        """What is searched."""
        return f"{self.title} {self.about} {self.why} {self.verdict}".casefold()


def entries_of(book: CaseBook) -> list[Entry]:
    """The whole tree: patients first, then what is not used."""
    if book.found is None:
        return []
    makers: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    listed: dict[str, list[Mapping[str, Any]]] = {}
    for item in book.found.listed:
        listed.setdefault(str(item["series"]), []).append(item)
    for row in book.found.series:
        patient = _patient_of(book, row, listed.get(str(row["uid"]), ()))
        makers.setdefault(patient, {}).setdefault(str(row.get("study", "")), []).append(row)
    names = book.names
    found = [
        _patient(book, names.patient(name) if name else "", studies, listed)
        for name, studies in sorted(makers.items(), key=lambda pair: (not pair[0], pair[0]))
    ]
    return [*(line for entry in found for line in ([entry] if entry.title else entry.children)), *_unused(book)]


def matching(entries: Iterable[Entry], words: str) -> list[Entry]:
    """The entries in which all words occur, or that stand above or below such a one."""
    wanted = words.casefold().split()
    kept = []
    for entry in entries:
        if all(word in entry.words() for word in wanted):
            kept.append(entry)
        elif below := matching(entry.children, words):
            kept.append(Entry(entry.title, entry.verdict, entry.why, entry.about, entry.level, entry.slices,
                              entry.paths, below))  # fmt: skip
    return kept


def _patient_of(book: CaseBook, row: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> str:
    """The patient by the labels where these name one, else by the files."""
    places = book.of_files([str(files[0]["path"])]) if files else []
    return (book.samples[places[0]].patient if places else "") or str(row.get("patient", ""))


def _patient(
    book: CaseBook,
    name: str,
    studies: Mapping[str, Sequence[Mapping[str, Any]]],
    listed: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Entry:
    lines = []
    for number, (uid, rows) in enumerate(sorted(studies.items()), 1):
        series = [_series(book, row, listed.get(str(row["uid"]), ()), place if len(rows) > 1 else 0)
                  for place, row in enumerate(rows, 1)]  # fmt: skip
        if uid:
            lines.append(_above(_study_title(book, rows, number), "study", series))
        else:
            lines += series
    return _above(name, "patient", lines)


def _study_title(book: CaseBook, rows: Sequence[Mapping[str, Any]], number: int) -> str:
    traits = book.found.traits.get(str(rows[0]["uid"]), {}) if book.found is not None else {}
    day = str(traits.get("day", "")) if book.names.shown else ""
    name = book.names.told(str(traits.get("study_name", "")))
    said = [name, f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else day]
    return " · ".join(part for part in said if part) or _tr("Study %s") % number


def _above(title: str, level: str, below: list[Entry]) -> Entry:
    paths = tuple(path for entry in below for path in entry.paths)
    verdicts = {entry.verdict for entry in below}
    verdict = "note" if len(verdicts) > 1 else next(iter(verdicts), "")
    return Entry(title, verdict, "", counted(len(paths), "file"), level, (), paths, below)


def _series(book: CaseBook, row: Mapping[str, Any], files: Sequence[Mapping[str, Any]], number: int) -> Entry:
    found = book.found
    traits = found.traits.get(str(row["uid"]), {}) if found is not None else {}
    folder = "" if row.get("kind") == "dicom" else book.names.hidden_in(str(row["uid"]))
    name = book.names.told(str(traits.get("series_name", ""))) or folder
    name = name or (_tr("Series %s") % number if number else "")
    title = " · ".join(part for part in (str(row.get("modality", "")), name) if part) or _tr("Series")
    paths = tuple(str(item["path"]) for item in files)
    verdict, why = _verdict(book, row, paths)
    stacks = row.get("stacks", ())
    slices = stacks[0]["slices"] if stacks else [[path, 0, None] for path in paths]
    made = Entry(title, verdict, why, _about(row), "series", slices, paths)
    if len(stacks) > 1:
        made.children = [_stack(book, stack, number) for number, stack in enumerate(stacks, 1)]
    else:
        made.more = lambda: [_file(book, item) for item in _ordered(slices, files)]
    return made


def _verdict(book: CaseBook, row: Mapping[str, Any], paths: Sequence[str]) -> tuple[str, str]:
    """What becomes of a series: as the scan says, unless its files are masks, or no cases."""
    said = "; ".join(row.get("problems", ()))
    verdict = str(row.get("verdict") or ("note" if said else "use"))
    stacks = row.get("stacks", ())
    reasons = [str(stack.get("reason", "")) for stack in stacks] if len(stacks) == 1 else []
    why = "; ".join(part for part in (said, *reasons) if part)
    if book.base is None or verdict == "excluded":
        return verdict, why
    if book.masks and not book.masks.isdisjoint(paths):
        return "use", _tr("masks of other images")
    if paths and not book.of_files(paths):
        return "excluded", _tr("its files are no cases of this data set") + (f"; {why}" if why else "")
    return verdict, why


def _about(row: Mapping[str, Any]) -> str:
    size = f"{row.get('columns')}" if row.get("kind") == "signal" else f"{row.get('columns')}×{row.get('rows')}"
    spacing = row.get("spacing_mm")
    told = " × ".join(f"{side:.3g}" for side in reversed(spacing)) + " mm" if spacing else ""
    count = counted(int(row.get("frames", 0)), "image") if int(row.get("slices", 0)) <= int(row.get("frames", 0)) else (
        counted(int(row.get("slices", 0)), "slice")
    )  # fmt: skip
    return " · ".join(part for part in (count, size, told) if part)


def _stack(book: CaseBook, stack: Mapping[str, Any], number: int) -> Entry:
    slices = stack["slices"]
    paths = tuple(dict.fromkeys(str(path) for path, _, _ in slices))
    title = book.names.hidden_in(str(stack.get("name", ""))) or _tr("Stack %s") % number
    why = "; ".join(str(part) for part in (stack.get("reason"), stack.get("no_volume")) if part)
    made = Entry(title, str(stack["verdict"]), why, counted(len(slices), "slice"), "stack", slices, paths)
    made.more = lambda: _files(book, paths)
    return made


def _files(book: CaseBook, paths: Sequence[str]) -> list[Entry]:
    by_path = {str(item["path"]): item for item in book.found.listed} if book.found is not None else {}
    return [_file(book, by_path[path]) for path in paths if path in by_path]


def _ordered(slices: Sequence[Sequence[Any]], files: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    by_path = {str(item["path"]): item for item in files}
    first = [by_path.pop(str(path)) for path, _, _ in slices if str(path) in by_path]
    return [*first, *by_path.values()]


def _file(book: CaseBook, item: Mapping[str, Any]) -> Entry:
    path = str(item["path"])
    out = any(book.is_left_out(place) for place in book.of_files([path]))
    notes = "; ".join(item.get("notes", ()))
    verdict = "excluded" if out else "note" if notes else "use"
    where = item.get("position")
    about = f"{where:.1f} mm" if isinstance(where, float) else pixels(item["size"])
    title = book.names.file(path).rpartition("/")[2]
    slices = [[path, frame, None] for frame in range(int(item["frames"]))]
    return Entry(title, verdict, _tr("left out by hand") if out else notes, about, "file", slices, (path,))


def _unused(book: CaseBook) -> list[Entry]:
    """Files that are no images of the data set, by reason."""
    found = book.found
    reasons: dict[str, list[str]] = {}
    for path, why in found.skipped if found is not None else ():
        reasons.setdefault(why, []).append(path)
    if not reasons:
        return []
    groups = [
        Entry(book.names.hidden_in(why), "excluded", why, counted(len(paths), "file"), "group",
              more=partial(_unused_files, book, why, paths))
        for why, paths in sorted(reasons.items(), key=lambda pair: -len(pair[1]))
    ]  # fmt: skip
    total = sum(len(paths) for paths in reasons.values())
    return [Entry(_tr("Not used"), "excluded", "", counted(total, "file"), "group", children=groups)]


def _unused_files(book: CaseBook, why: str, paths: Sequence[str]) -> list[Entry]:
    found = book.found
    known = {str(item["path"]) for item in found.listed} if found is not None and len(paths) < 2000 else set()
    return [
        Entry(book.names.file(path), "excluded", why, "", "file", [[path, 0, None]] if path in known else (), (path,))
        for path in paths
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataTree", text)
