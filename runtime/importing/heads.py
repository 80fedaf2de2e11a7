"""Losses of foreign networks: what lies before them, behind them, and only beside them to make their target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from runtime.importing.imported import Left
from runtime.importing.layers import SCALED, UNIT, Foreign, Layer, Link, Net

LOSSES: Mapping[str, str] = {
    "CategoricalCrossEntropy": "cross_entropy",
    "SoftmaxCrossEntropy": "cross_entropy",
    "BinaryCrossEntropy": "binary_cross_entropy",
    "SigmoidCrossEntropy": "binary_cross_entropy",
    "SquaredError": "squared_error",
    "AbsoluteError": "absolute_error",
    "HuberLoss": "huber",
}
"""Types of layers that are losses -> our nodes."""

MEASURES = frozenset({"TopNError", "BinaryError"})
_SQUEEZED = {"CategoricalCrossEntropy": "Softmax", "BinaryCrossEntropy": "Sigmoid", "TopNError": "Softmax"}
_RAW = "takes the raw scores before it; the Output makes the probabilities"


def without(net: Net, layer: str) -> Net:
    """The network without a layer: what entered it first goes on to where it led."""
    source = net.before(layer)
    links = [replace(link, source=source) if link.source == layer else link for link in net.links]
    kept = tuple(link for link in links if link.target != layer and link.source)
    return replace(net, layers={key: one for key, one in net.layers.items() if key != layer}, links=kept)


def is_judge(layer: Layer) -> bool:
    """Whether the layer compares with a target."""
    return layer.type in LOSSES or layer.type in MEASURES


def headed(net: Net, nets: Mapping[str, Net], left: list[Left]) -> tuple[Net, dict[str, Net]]:
    """The network with losses that take raw scores; and the networks, some in a variant without their last layer."""
    known = dict(nets)
    for layer in [layer for layer in net.layers.values() if layer.type in _SQUEEZED]:
        start = net.layers.get(net.before(layer.id))
        wanted = _SQUEEZED[layer.type]
        if start is not None and start.type == wanted:
            net = _led_around(net, start, layer, left)
        elif start is not None and start.type == UNIT:
            net = _without_end(net, start, wanted, known, left)
        elif layer.type == "BinaryCrossEntropy":
            left.append(
                Left(
                    f"{layer.type} “{layer.name}”",
                    "it took probabilities that no Sigmoid made; here the loss takes raw scores and applies a sigmoid.",
                )
            )
    return net, known


def _led_around(net: Net, squeezing: Layer, judge: Layer, left: list[Left]) -> Net:
    source = net.before(squeezing.id)
    if not source:
        return net
    links = tuple(
        replace(link, source=source) if (link.source, link.target, link.pin) == (squeezing.id, judge.id, 0) else link
        for link in net.links
    )
    net = replace(net, links=links)
    if not net.out_of(squeezing.id):
        left.append(Left(f"{squeezing.type} “{squeezing.name}”", f"“{judge.name}” {_RAW}."))
        return without(net, squeezing.id)
    return net


def _without_end(net: Net, use: Layer, wanted: str, known: dict[str, Net], left: list[Left]) -> Net:
    """A unit that ends in Softmax, used before a loss: it is drawn without it."""
    inner = known.get(use.text("Network"))
    if inner is None:
        return net
    last = [layer for layer in ends(inner) if layer.type == wanted]
    if not last:
        return net
    left.append(Left(f"{wanted} “{last[0].name}” of “{inner.name}”", f"the loss {_RAW}."))
    known[inner.name] = without(inner, last[0].id)
    return net


def ends(net: Net) -> list[Layer]:
    """The layers that lead nowhere."""
    leading = {link.source for link in net.links}
    return [layer for layer in net.layers.values() if layer.id not in leading and layer.type not in _BESIDE]


_BESIDE = frozenset({"Comment", "Argument"})


def weighed(net: Net, left: list[Left]) -> tuple[Net, dict[str, float], set[str]]:
    """The network without what only multiplies a loss: how much each counts, and which are added up, not averaged."""
    weights: dict[str, float] = {}
    summed: set[str] = set()
    for loss in [layer for layer in net.layers.values() if layer.type in LOSSES]:
        while following := net.out_of(loss.id):
            after = net.layers[following[0].target]
            if len(following) == 1 and after.type == "Sum":
                summed.add(loss.id)
            elif len(following) == 1 and after.type in ("MulScalar", SCALED) and _number(after) is not None:
                weights[loss.id] = weights.get(loss.id, 1.0) * (_number(after) or 0.0)
            else:
                what = f"{after.type} “{after.name}”"
                left.append(Left(what, f"it came after the loss “{loss.name}”, which ends here."))
            net = without(net, after.id)
    return net, weights, summed


def with_sums_marked(net: Net) -> Net:
    """The network without the Sum or Mean that its ends beside losses are: what is before is marked as added up."""
    if not any(layer.type in LOSSES for layer in net.layers.values()):
        return net
    for end in [layer for layer in ends(net) if layer.type in ("Sum", "Mean")]:
        before = net.layers.get(net.before(end.id))
        if before is None:
            continue
        if end.type == "Sum":
            marked = replace(before, settings=dict(before.settings) | {"Summed": "True"})
            net = replace(net, layers=dict(net.layers) | {before.id: marked})
        net = without(net, end.id)
    return net


def _number(layer: Layer) -> float | None:
    try:
        return float(layer.text("Value" if layer.type == "MulScalar" else "Factor", "1"))
    except ValueError:
        return None


def without_label_paths(net: Net, left: list[Left]) -> Net:
    """The network without the layers that only change a target: targets come from the data as they are.

    Where image and label were joined to be changed alike, the image alone goes on: masks move along by themselves.
    """
    targets = {layer.text("T.Dataset") for layer in net.layers.values() if is_judge(layer)}
    inputs = [layer for layer in net.layers.values() if layer.type == "Input"]
    images = {layer.text("Dataset") for layer in inputs[:1]}
    labels = {layer.id for layer in inputs if layer.text("Dataset") in targets - images}
    dropped = set(labels)
    dropped |= _only_after(net, dropped) | _target_makers(net, dropped)
    dropped |= _cut_labels(net, dropped)
    dropped |= _only_after(net, dropped)
    joined = [layer for layer in net.layers.values() if layer.type == "Concatenate" and layer.id not in dropped]
    for layer in joined:
        if any(link.source in dropped for link in net.into(layer.id)):
            left.append(Left(f"Concatenate “{layer.name}”", "it joined image and mask; here masks move with images."))
            net = without(replace(net, links=_without_sources(net, layer.id, dropped)), layer.id)
    told = [net.layers[key] for key in net.layers if key in dropped and key not in labels]
    if told:
        names = ", ".join(f"{layer.type} “{layer.name}”" for layer in told)
        left.append(Left(names, "these only changed the target, which comes from the data as it is."))
    kept = {key: layer for key, layer in net.layers.items() if key not in dropped}
    return replace(net, layers=kept, links=tuple(one for one in net.links if one.source in kept and one.target in kept))


def _without_sources(net: Net, layer: str, dropped: Iterable[str]) -> tuple[Link, ...]:
    gone = set(dropped)
    return tuple(link for link in net.links if not (link.target == layer and link.source in gone))


def _only_after(net: Net, start: Iterable[str]) -> set[str]:
    """The layers of which all that enters is among `start` or such layers."""
    found, grown = set(start), True
    while grown:
        fed = {
            key: {link.source for link in net.into(key)} for key, layer in net.layers.items()
            if key not in found and not is_judge(layer)
        }  # fmt: skip
        new = {key for key, sources in fed.items() if sources and sources <= found}
        found |= new
        grown = bool(new)
    return found - set(start)


def _target_makers(net: Net, labels: Iterable[str]) -> set[str]:
    """The layers that lead to nothing but targets of losses."""
    found: set[str] = set()
    waiting = [net.before(layer.id, 1) for layer in net.layers.values() if is_judge(layer)]
    while waiting:
        key = waiting.pop()
        if key and key not in found and all(
            link.target in found or (is_judge(net.layers[link.target]) and link.pin == 1) for link in net.out_of(key)
        ):  # fmt: skip
            found.add(key)
            waiting += [link.source for link in net.into(key)]
    return {key for key in found if net.layers[key].type != "Input" or key in set(labels) or _is_second(net, key)}


def _is_second(net: Net, key: str) -> bool:
    """Whether another Input reads the same variable, so that this one is not needed."""
    variable = net.layers[key].text("Dataset")
    same = [one.id for one in net.layers.values() if one.type == "Input" and one.text("Dataset") == variable]
    return same.index(key) > 0


def _cut_labels(net: Net, dropped: Iterable[str]) -> set[str]:
    """Slices that take the label out again of what Concatenate joined: they begin behind the image's channels."""
    gone = set(dropped)
    joins = any(
        layer.type == "Concatenate" and any(link.source in gone for link in net.into(layer.id))
        for layer in net.layers.values()
    )
    slices = [layer for layer in net.layers.values() if layer.type == "Slice" and joins]
    return {layer.id for layer in slices if layer.text("Start").split(",")[0].strip() not in ("0", "")}


def used_nets(foreign: Foreign, start: Iterable[str]) -> set[str]:
    """The networks that these ones use as units, and they themselves."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in foreign.nets and name not in found:
            found.add(name)
            waiting += [one.text("Network") for one in foreign.nets[name].layers.values() if one.type == UNIT]
    return found
