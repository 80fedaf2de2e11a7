"""What the charts count: classes, sizes, spacings, scanners, bits, kinds; each bar knows its cases."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from designer.data.cases import CaseBook
from designer.data.lookup import Lookup
from designer.parts import pixels
from runtime.data.several_numbers import numbers_in

_BARS = 12  # more are put together
_BINS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, how many, and the places of its cases (none where pixels are counted)."""

    name: str
    count: int
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title; `unit` is what is counted."""

    title: str
    unit: str
    bars: tuple[Bar, ...]


def charts_of(book: CaseBook) -> list[Chart]:
    """All charts that tell something of these cases; those left out by hand are not counted."""
    if book.base is None:
        return []
    places = [place for place in range(len(book.samples)) if not book.is_left_out(place)]
    files = Lookup(book)

    def told(name: str) -> Callable[[int], Hashable]:
        return lambda place: files.file(book.samples[place].path).get(name) or ""

    charts = _histograms(book, places) if book.base.label == "number" else [_labels(book, places)]
    charts.append(_counted(_tr("Part named by the data"), places, lambda place: book.samples[place].part or ""))
    charts.append(_counted(_tr("Image size (px)"), places, lambda place: pixels(book.samples[place].size)))
    charts.append(_counted(_tr("Pixel spacing (mm)"), places, lambda place: _spacing(files, book, place)))
    charts.append(_counted(_tr("Scanner"), places, told("scanner")))
    charts.append(_counted(_tr("Bit depth"), places, lambda place: _bits(files, book, place)))
    charts.append(_counted(_tr("Modality"), places, told("modality")))
    return [chart for chart in charts if any(bar.name != _tr("not known") for bar in chart.bars)]


def _labels(book: CaseBook, places: list[int]) -> Chart:
    base = book.base
    if base is None or not base.label:
        return Chart("", "", ())
    if base.label == "boxes":
        return _boxes(book, places)
    if base.label == "mask":
        bars = tuple(Bar(name, count) for name, count in zip(base.classes, base.pixel_counts, strict=False))
        return Chart(_tr("Classes of the masks"), _tr("pixels"), bars)
    if base.label == "labels":
        tally: dict[str, list[int]] = {}
        for place in places:
            for name in str(book.label_of(place) or "").split("; "):
                tally.setdefault(name or _tr("none of them"), []).append(place)
        bars = tuple(Bar(name, len(found), tuple(found)) for name, found in sorted(tally.items()))
        return Chart(_tr("Labels"), _tr("cases"), bars)
    return _counted(_tr("Classes"), places, lambda place: book.label_of(place) or "", most=40)


def _boxes(book: CaseBook, places: list[int]) -> Chart:
    """How many boxes of each class; a bar chooses the images that have one."""
    tally: dict[str, list[int]] = {}
    for place in places:
        for box in book.samples[place].boxes or ():
            tally.setdefault(box.label, []).append(place)
    bars = tuple(Bar(name, len(found), tuple(dict.fromkeys(found))) for name, found in sorted(tally.items()))
    return Chart(_tr("Classes of the boxes"), _tr("boxes"), bars)


def _histograms(book: CaseBook, places: list[int]) -> list[Chart]:
    """One for each number to be learned."""
    names = book.base.classes if book.base is not None else ()
    told = {place: numbers_in(str(book.label_of(place)), max(1, len(names))) for place in places}
    known = {place: numbers for place, numbers in told.items() if numbers is not None}
    titles = [_tr("Numbers to be learned: %s") % name for name in names] or [_tr("Numbers to be learned")]
    return [
        _histogram(title, {place: numbers[at] for place, numbers in known.items()}) for at, title in enumerate(titles)
    ]


def _histogram(title: str, numbers: dict[int, float]) -> Chart:
    if not numbers:
        return Chart("", "", ())
    low, high = min(numbers.values()), max(numbers.values())
    width = (high - low) / _BINS or 1.0
    bins: list[list[int]] = [[] for _ in range(_BINS)]
    for place, value in numbers.items():
        bins[min(int((value - low) / width), _BINS - 1)].append(place)
    bars = tuple(
        Bar(f"{low + index * width:.4g} – {low + (index + 1) * width:.4g}", len(found), tuple(found))
        for index, found in enumerate(bins)
    )
    return Chart(title, _tr("cases"), bars)


def _counted(title: str, places: list[int], value: Callable[[int], Hashable], most: int = _BARS) -> Chart:
    """The commonest values, the others in one bar."""
    tally: dict[str, list[int]] = {}
    for place in places:
        tally.setdefault(str(value(place)) or _tr("not known"), []).append(place)
    ordered = sorted(tally.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    bars = [Bar(name, len(found), tuple(found)) for name, found in ordered[:most]]
    rest = [place for _, found in ordered[most:] for place in found]
    if rest:
        bars.append(Bar(_tr("%s others") % (len(ordered) - most), len(rest), tuple(rest)))
    return Chart(title, _tr("cases"), tuple(bars))


def _spacing(files: Lookup, book: CaseBook, place: int) -> str:
    spacing = files.file(book.samples[place].path).get("spacing")
    return " × ".join(f"{side:.3g}" for side in spacing) if spacing else ""


def _bits(files: Lookup, book: CaseBook, place: int) -> str:
    item = files.file(book.samples[place].path)
    found = book.found.traits.get(str(item.get("series")), {}) if book.found is not None else {}
    bits = item.get("bits") or found.get("bits")
    return _tr("%s bits") % bits if bits else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataCharts", text)
