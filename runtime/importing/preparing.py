"""The networks of a file made ready to be drawn: repeats and loops taken together, trained ones put side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runtime.importing.heads import (
    headed,
    used_nets,
    weighed,
    with_sums_marked,
    without,
    without_label_paths,
)
from runtime.importing.imported import ImportRefused, Left
from runtime.importing.layers import SCALED, UNIT, Foreign, Layer, Link, Net
from runtime.importing.loops import with_loops_recognised
from runtime.importing.repeats import with_repeats_as_units
from runtime.importing.scopes import SHARED, with_shared_rows

_BETWEEN = "|"
_APART = 14.0


@dataclass(frozen=True, slots=True)
class Ready:
    """What is drawn: one network with all that is trained, those of its units, and how its losses count."""

    main: Net
    nets: Mapping[str, Net]
    weights: Mapping[str, float]
    summed: frozenset[str]
    parts: Mapping[str, str]  # network -> the block that its solver trains, where that is not all of it

    @staticmethod
    def net_of(layer: str) -> str:
        """The network that a layer of the main one comes from."""
        return layer.split(_BETWEEN)[0].removeprefix("use ").removeprefix("repeat ").removeprefix("loop ")


def prepared(foreign: Foreign, left: list[Left]) -> Ready:
    """Put together what is trained (or, in a file without training, what gives the answer). Raises ImportRefused."""
    names = list(dict.fromkeys(solver.net for solver in foreign.solvers if solver.net in foreign.nets))
    names = names or [name for name in (foreign.answering, *foreign.nets) if name in foreign.nets][:1]
    if not names:
        raise ImportRefused("The file holds no network.")
    used = used_nets(foreign, names)
    nets, seen = _simplified({name: net for name, net in foreign.nets.items() if name in used}, left)
    weights: dict[str, float] = {}
    summed: set[str] = set()
    mains = []
    for name in names:
        net = without_label_paths(_prefixed(nets[name]), left)
        net, nets = headed(net, nets, left)
        net, own, sums = weighed(net, left)
        net = with_sums_marked(net)
        weights |= own
        summed |= sums
        mains.append(net)
    main, units = with_shared_rows(_side_by_side(mains))
    nets = nets | units
    main, nets, parts = _named_parts(main, nets, units, left)
    left += _unused(foreign, used | seen)
    return Ready(main, nets, weights, frozenset(summed), parts)


def _simplified(nets: Mapping[str, Net], left: list[Left]) -> tuple[dict[str, Net], set[str]]:
    simple: dict[str, Net] = {}
    for name, net in nets.items():
        net, repeated = with_repeats_as_units(_with_scales_joined(net))
        simple[name] = with_loops_recognised(net, left)
        simple |= {title: with_loops_recognised(inner, left) for title, inner in repeated.items()}
    return simple, set(nets)


def _with_scales_joined(net: Net) -> Net:
    """The network with MulScalar and the AddScalar behind it as one layer."""
    for first in [layer for layer in net.layers.values() if layer.type == "MulScalar"]:
        following = net.out_of(first.id)
        after = net.layers[following[0].target] if len(following) == 1 else None
        if after is not None and after.type == "AddScalar":
            settings = {"Factor": first.text("Value", "1"), "Offset": after.text("Value", "0")}
            joined = replace(first, type=SCALED, settings=settings)
            net = without(replace(net, layers=dict(net.layers) | {first.id: joined}), after.id)
    return net


def _prefixed(net: Net) -> Net:
    layers = {f"{net.name}{_BETWEEN}{key}": layer for key, layer in net.layers.items()}
    links = [
        Link(f"{net.name}{_BETWEEN}{one.source}", f"{net.name}{_BETWEEN}{one.target}", one.pin) for one in net.links
    ]  # fmt: skip
    return Net(net.name, {key: replace(layer, id=key) for key, layer in layers.items()}, tuple(links))


def _side_by_side(nets: list[Net]) -> Net:
    layers: dict[str, Layer] = {}
    links: list[Link] = []
    shift = 0.0
    for net in nets:
        start = min((layer.place[0] for layer in net.layers.values()), default=0.0)
        for key, layer in net.layers.items():
            layers[key] = replace(layer, place=(layer.place[0] - start + shift, layer.place[1]))
        links += net.links
        shift = max((layer.place[0] for layer in layers.values()), default=0.0) + _APART
    return Net(nets[0].name, layers, tuple(links))


def _named_parts(
    main: Net, nets: dict[str, Net], units: Mapping[str, Net], left: list[Left]
) -> tuple[Net, dict[str, Net], dict[str, str]]:
    """Shared units under the name of the network whose solver trains them, and which of them it trains."""
    learns: dict[str, dict[str, bool]] = {}  # network -> shared unit -> whether it learns there
    for layer in main.layers.values():
        if layer.type == UNIT and layer.text(SHARED) == "True" and layer.text("Network") in units:
            own = learns.setdefault(Ready.net_of(layer.id), {})
            title = layer.text("Network")
            own[title] = own.get(title, False) or layer.text("Learns") == "True"
    parts: dict[str, str] = {}
    for net, own in learns.items():
        learning = [title for title, does in own.items() if does]
        if len(learning) == 1 and not all(own.values()):
            parts[net] = learning[0]
        elif not all(own.values()):
            why = "several parts learn in it; choose one at its optimizer."
            left.append(Left(f"the frozen layers of “{net}”", why))
    titles = {title: net.removeprefix("Training").removeprefix("Train") or net for net, title in parts.items()}
    named = {titles.get(name, name): replace(net, name=titles.get(name, name)) for name, net in nets.items()}
    layers = {
        key: _retitled(layer, titles[layer.text("Network")]) if layer.text("Network") in titles else layer
        for key, layer in main.layers.items()
    }  # fmt: skip
    return replace(main, layers=layers), named, {net: titles[title] for net, title in parts.items()}


def _retitled(layer: Layer, title: str) -> Layer:
    return replace(layer, name=title, settings=dict(layer.settings) | {"Network": title})


def _unused(foreign: Foreign, used: set[str]) -> list[Left]:
    measuring = ", ".join(f"“{name}”" for name in foreign.judging if name not in used)
    told = []
    if measuring:
        told.append(Left(f"networks that only measure ({measuring})", "the one that is trained is measured here too."))
    if foreign.answering and foreign.answering not in used:
        why = "the trained network gives the answer, by its Output node."
        told.append(Left(f"the network that answers (“{foreign.answering}”)", why))
    others = set(foreign.nets) - used - set(foreign.judging) - {foreign.answering} - _only_for(foreign, used)
    told += [Left(f"the network “{name}”", "nothing that is trained uses it.") for name in sorted(others)]
    return told


def _only_for(foreign: Foreign, used: set[str]) -> set[str]:
    """Units of networks that only measure or answer."""
    return used_nets(foreign, (*foreign.judging, foreign.answering)) - used
