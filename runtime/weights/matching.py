"""Which tensors of a file belong to which of a network: by our names, by others' names, or in order. No torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from runtime.errors import RunError
from runtime.weights.namings import NAMINGS, OWN, Naming
from runtime.weights.telling import How, Report, Row, shape_words, some

Shapes = Mapping[str, tuple[int, ...]]
"""Tensors by name, in their order."""

COUNTER = "num_batches_tracked"
"""Of a batch normalisation: how many batches it saw. It changes nothing, and older files lack it."""

_RED_GREEN_BLUE = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A tensor of the network and the one of the file that it begins with."""

    own: str
    given: str
    summed: bool = False  # over red, green and blue
    in_a_row: bool = False  # places of an image, there one behind the other, perhaps with that of a class patch first


@dataclass(frozen=True, slots=True)
class Match:
    """What fits, and the report of it."""

    pairs: tuple[Pair, ...]
    report: Report


def match(own: Shapes, given: Shapes, where: str, title: Callable[[str], str] = str, in_order: bool = False) -> Match:
    """Find for the network's tensors those of a file, layer by layer: a layer is taken whole or not at all.

    Of all namings the one by which most fits is taken, our own before others; what is put before all names, as
    “module.” or “backbone.”, does not matter. `in_order` goes by the order of shapes alone. `title` names a layer as
    people know it. Raises RunError, with what is there and what is needed, when nothing fits.
    """
    found = _in_order(own, given, where) if in_order else _by_names(own, given)
    rows, pairs = _told(own, given, found, title)
    if not pairs:
        raise RunError(_nothing(own, given, where, rows))
    told, used = {row.entry for row in rows}, {pair.given for pair in pairs}
    left = [
        name for name in given
        if name.rpartition(".")[0] not in told and name not in used and not name.endswith(COUNTER)
    ]  # fmt: skip
    cut = len(found.prefix)
    dropped = tuple(name for name in left if name[cut:].startswith(found.naming.not_used or ("\0",)))
    report = Report(
        where, found.naming.title, tuple(rows), tuple(name for name in left if name not in dropped), dropped,
        found.naming.expected, in_order, without=found.naming.without,
    )  # fmt: skip
    return Match(tuple(pairs), report)


@dataclass(frozen=True, slots=True)
class _Found:
    naming: Naming
    entries: Mapping[str, str]  # our layers -> the file's
    prefix: str = ""


def layers_of(shapes: Shapes) -> dict[str, dict[str, tuple[int, ...]]]:
    """The tensors by layer and name in it, counters left out."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        layer, _, leaf = name.rpartition(".")
        if leaf != COUNTER:
            found.setdefault(layer, {})[leaf] = shape
    return found


def _by_names(own: Shapes, given: Shapes) -> _Found:
    """The naming, and what stands before the names here and there, by which most tensors fit."""
    best, most = _Found(OWN, {}), -1
    layers = layers_of(own)
    for naming in NAMINGS:
        for stem in _beginnings(layers):
            inside = [layer for layer in layers if layer.startswith(stem)]
            theirs = naming.theirs([layer.removeprefix(stem) for layer in inside])
            for prefix in _beginnings(given):
                entries = {stem + ours: prefix + entry for ours, entry in theirs.items()}
                fits = sum(_fitting(layers, given, entries))
                if fits > most:
                    best, most = _Found(naming, entries, prefix), fits
    return best


def _fitting(layers: Mapping[str, Shapes], given: Shapes, entries: Mapping[str, str]) -> Iterator[int]:
    for layer, entry in entries.items():
        for leaf, shape in layers[layer].items():
            name = _named(entry, leaf, given)
            yield name in given and _fits(shape, given[name], first=True)


def _beginnings(names: Mapping[str, object] | Sequence[str]) -> list[str]:
    """What may stand before all names: nothing, or one to three names of modules that most of them begin with."""
    counted = Counter(
        ".".join(parts[:depth]) + "." for parts in (name.split(".") for name in names) for depth in (1, 2, 3)
        if len(parts) > depth
    )  # fmt: skip
    return ["", *(stem for stem, count in counted.items() if count * 2 > len(names))]


def _in_order(own: Shapes, given: Shapes, where: str) -> _Found:
    """One layer after the other, where all shapes are equal but for those of the first and the last layer."""
    ours, theirs = layers_of(own), layers_of(given)
    pairs = list(zip(ours.items(), theirs.items(), strict=False))
    for place, ((layer, here), (entry, there)) in enumerate(pairs):
        at_an_end = place in (0, len(pairs) - 1)
        if here != there and not (at_an_end and here.keys() == there.keys()):
            raise RunError(
                f"The order of shapes tells nothing certain of {where}: layer {place + 1} is “{layer}” "
                f"({_told_shapes(here)}) here and “{entry}” ({_told_shapes(there)}) there. Match by names, or take "
                "weights of the same network."
            )
    if len(ours) != len(theirs):
        raise RunError(
            f"The order of shapes tells nothing certain of {where}: it has {len(theirs)} layers and the network "
            f"{len(ours)}. Match by names, or take weights of the same network."
        )
    return _Found(OWN, {layer: entry for (layer, _), (entry, _) in pairs})


def _told_shapes(shapes: Shapes) -> str:
    return ", ".join(f"{leaf} {shape_words(shape)}" for leaf, shape in shapes.items())


def _fits(here: tuple[int, ...], there: tuple[int, ...], first: bool) -> bool:
    return here == there or _is_flat(here, there) or _is_row(here, there) or (first and _is_grey(here, there))


def _is_flat(here: tuple[int, ...], there: tuple[int, ...]) -> bool:
    """A dense layer and a convolution whose window is as large as its image have the same numbers in the same order."""
    shorter = min((here, there), key=len)
    return (
        len(shorter) == 2 < max(len(here), len(there)) and here[0] == there[0] and math.prod(here) == math.prod(there)
    )


def _is_row(here: tuple[int, ...], there: tuple[int, ...]) -> bool:
    """Numbers for each place of an image here, for each of a row of places there, with a class patch or without."""
    rows = len(here) > len(there) == 3 and here[:1] == there[:1] == (1,) and here[1] == there[2]
    return rows and there[1] - math.prod(here[2:]) in (0, 1)


def _is_grey(here: tuple[int, ...], there: tuple[int, ...]) -> bool:
    """A convolution of one channel here, of red, green and blue there, alike otherwise."""
    windows = len(here) == len(there) >= 3 and here[2:] == there[2:] and here[0] == there[0]
    return windows and here[1] == 1 and there[1] == _RED_GREEN_BLUE


def _told(
    own: Shapes, given: Shapes, found: _Found, title: Callable[[str], str]
) -> tuple[list[Row], list[Pair]]:  # fmt: skip
    rows: list[Row] = []
    pairs: list[Pair] = []
    first = next((name for name, shape in own.items() if len(shape) >= 3), "")
    for layer, leaves in layers_of(own).items():
        entry = found.entries.get(layer, "")
        names = {leaf: (_joined(layer, leaf), _named(entry, leaf, given)) for leaf in leaves}
        here = [(ours, theirs) for ours, theirs in names.values() if layer in found.entries and theirs in given]
        how, why = _judged(own, given, here, names, first)
        rows.append(Row(title(layer), layer, entry if here else "", how, why))
        if rows[-1].loaded:
            pairs += [_pair(ours, theirs, own[ours], given[theirs]) for ours, theirs in here]
            counter = (_joined(layer, COUNTER), _joined(entry, COUNTER))
            if counter[0] in own and counter[1] in given:
                pairs.append(Pair(*counter))
    return rows, pairs


def _pair(ours: str, theirs: str, here: tuple[int, ...], there: tuple[int, ...]) -> Pair:
    return Pair(ours, theirs, _is_grey(here, there), _is_row(here, there))


def _judged(
    own: Shapes, given: Shapes, here: Sequence[tuple[str, str]], names: Mapping[str, tuple[str, str]], first: str
) -> tuple[How, str]:
    """What becomes of a layer, and why not, or what is done otherwise."""
    if not here:
        return "missing", ""
    for ours, theirs in here:
        if not _fits(own[ours], given[theirs], ours == first):
            return _refused(own[ours], given[theirs], ours == first)
    lacking = [leaf for leaf, pair in names.items() if pair not in here]
    if lacking:
        return "taken", f"the file has no {' and no '.join(lacking)} for it, which begin as usual"
    for ours, theirs in here:
        if _is_grey(own[ours], given[theirs]):
            return "summed", (
                "it was trained on red, green and blue and gets grey; its kernels were summed over the three, so that "
                "it answers as to the grey image in all three channels"
            )
        if _is_row(own[ours], given[theirs]):
            return "taken", "in the file the places stand in a row; they were laid out as in the image"
    return "taken", ""


def _refused(here: tuple[int, ...], there: tuple[int, ...], first: bool) -> tuple[How, str]:
    alike = first and len(here) == len(there) >= 3 and here[0] == there[0] and here[2:] == there[2:]
    if not alike:
        return "shape", f"{shape_words(there)} in the file, {shape_words(here)} here"
    remedy = {1: "bring the images to 1 channel with Grey", _RED_GREEN_BLUE: "give it images of 3 channels, or of 1"}
    return "channels", (
        f"in the file it looks at {there[1]} channels, here at {here[1]}; "
        + remedy.get(there[1], f"give it images of {there[1]} channels to have its weights")
    )


def _nothing(own: Shapes, given: Shapes, where: str, rows: Sequence[Row]) -> str:
    misfits = [f"{row.layer} ({row.why})" for row in rows if row.how in ("shape", "channels")]
    names = f"the network has {some(tuple(layers_of(own)))}, and there is {some(tuple(layers_of(given)))}"
    told = (
        f"None of the {len(given)} tensors in {where} fits this network by name and shape: "
        f"{some(misfits) if misfits else names}."
    )
    if 2 * len(misfits) > len(rows):
        return f"{told} The names fit, so this may be the same network in another size: set its arguments as there."
    try:
        _in_order(own, given, where)
    except RunError:
        return told
    return told + " In the order of their shapes they would fit: choose that where it is the same network."


def _named(entry: str, leaf: str, given: Shapes) -> str:
    """A tensor of a layer as the file calls it: “entry.leaf”, or “entry_leaf” or “entry” where no layer holds it."""
    names = (_joined(entry, leaf), f"{entry}_{leaf}", entry)
    return next((name for name in names if name in given), names[0])


def _joined(layer: str, leaf: str) -> str:
    return f"{layer}.{leaf}" if layer else leaf
