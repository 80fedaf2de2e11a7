"""Networks of NNabla as text: functions on named variables, as Neural Network Console writes them behind a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.importing.heads import LOSSES, MEASURES
from runtime.importing.imported import ImportRefused, Left
from runtime.importing.layers import Data, Foreign, Layer, Link, Net, Solver
from runtime.importing.prototext import Message, listed
from runtime.importing.rows import laid_out
from runtime.importing.solvers import schedule_of

_MOST_FUNCTIONS = 20_000
_ROLES: Mapping[str, tuple[str, ...]] = {
    "Affine": ("W", "b"),
    "Convolution": ("W", "b"),
    "Deconvolution": ("W", "b"),
    "DepthwiseConvolution": ("W", "b"),
    "BatchNormalization": ("beta", "gamma", "mean", "var"),
    "LayerNormalization": ("beta", "gamma"),
    "InstanceNormalization": ("beta", "gamma"),
    "PReLU": ("slope",),
}
"""What the inputs after the first are, of functions that have weights."""


def foreign_of(message: Message, source: str, name: str) -> Foreign:
    """What the file says. Raises ImportRefused for one without a network."""
    entering = _variables(message)
    nets = {one.text("name"): _net(one, entering, name) for one in message.all("network")}
    if not nets:
        raise ImportRefused(f"{name} holds no network.")
    left: list[Left] = []
    steps = message.one("training_config").number("iter_per_epoch")
    optimizers = message.all("optimizer")
    solvers = tuple(_solver(one, steps, left) for one in optimizers)
    trained = {solver.net for solver in solvers}
    monitors = [one.text("network_name") for one in message.all("monitor")]
    executors = [one.text("network_name") for one in message.all("executor")]
    batches = [one.number("batch_size") for one in message.all("network") if one.text("name") in trained]
    return Foreign(
        source, nets, solvers, tuple(_data(one) for one in message.all("dataset")),
        epochs=int(message.one("training_config").number("max_epoch")),
        batch=int(max(batches, default=0)),
        accumulate=max([1, *(int(one.number("update_interval", 1)) for one in optimizers)]),
        judging=tuple(dict.fromkeys(one for one in monitors if one in nets and one not in trained)),
        answering=next((one for one in executors if one in nets), ""),
        left=tuple(left),
    )  # fmt: skip


def _variables(message: Message) -> dict[str, dict[str, str]]:
    """What enters at a variable, as settings of an Input: the column of the data, or what draws its values."""
    found: dict[str, dict[str, str]] = {}
    for kind in ("executor", "monitor", "optimizer"):
        for one in message.all(kind):
            for entry in one.all("data_variable"):
                found[entry.text("variable_name")] = {"Dataset": entry.text("data_name")}
            for entry in one.all("generator_variable"):
                settings = {"Generator": entry.text("type"), "GeneratorMultiplier": entry.text("multiplier", "1")}
                found[entry.text("variable_name")] = settings
    return found


def _net(message: Message, entering: Mapping[str, Mapping[str, str]], name: str) -> Net:
    functions = message.all("function")
    if len(functions) > _MOST_FUNCTIONS:
        raise ImportRefused(f"{name} has {len(functions)} functions; {_MOST_FUNCTIONS} fit.")
    shapes = {one.text("name"): _dims(one.one("shape")) for one in message.all("variable")}
    weights = {one.text("name") for one in message.all("variable") if one.text("type") == "Parameter"}
    layers: dict[str, Layer] = {}
    links: list[Link] = []
    makers: dict[str, str] = {}  # variable -> the layer that gives it
    targets = {one.texts("input")[1] for one in functions if _judges(one) and len(one.texts("input")) > 1}
    made = {output for one in functions for output in one.texts("output")}
    for number, function in enumerate(functions):
        layer = _layer(function, f"f{number}", shapes, weights, entering)
        plain = [one for one in function.texts("input") if one not in weights]
        for pin, variable in enumerate(plain[:1] if layer.type == "RepeatStart" else plain):
            if variable not in made and variable not in makers and not (pin == 1 and variable in targets):
                layers[variable] = _input(variable, shapes, entering)
                makers[variable] = variable
            if variable in makers:
                links.append(Link(makers[variable], layer.id, pin))
        layers[layer.id] = layer
        makers |= dict.fromkeys(function.texts("output"), layer.id)
    return laid_out(Net(message.text("name"), layers, tuple(links)))


def _judges(function: Message) -> bool:
    return function.text("type") in LOSSES or function.text("type") in MEASURES


def _input(variable: str, shapes: Mapping[str, list[int]], entering: Mapping[str, Mapping[str, str]]) -> Layer:
    size = ",".join(map(str, shapes.get(variable, [-1, 1])[1:]))
    return Layer(variable, "Input", variable, {"Size": size, "Dataset": variable, **entering.get(variable, {})})


def _layer(
    function: Message, key: str, shapes: Mapping[str, list[int]], weights: set[str],
    entering: Mapping[str, Mapping[str, str]],
) -> Layer:  # fmt: skip
    kind = function.text("type")
    inputs = function.texts("input")
    own = [one for one in inputs if one in weights]
    given = next((found[0] for name, found in function.messages.items() if name.endswith("_param")), Message())
    settings = {_setting(name): listed(given.values, name) for name in given.values}
    settings |= {_setting(name): listed(found[-1].values, "dim") for name, found in given.messages.items()}
    settings |= {"WithBias": str(len(own) > 1)} if kind in ("Affine", *_KERNELS) else {}
    shape = shapes.get(own[0], []) if own else []
    if kind in _SIZES:
        settings |= _SIZES[kind](shape, given)
    if "Axis" in settings:
        settings["Axis"] = str(int(given.number("axis", 1)) - 1)
    if kind == "BatchNormalization":
        settings["Axes"] = ",".join(str(int(float(one)) - 1) for one in given.texts("axes") or ["1"])
    if _judges(function) and len(inputs) > 1:
        target = entering.get(inputs[1], {})
        settings |= {f"T.{name}": value for name, value in target.items()} or {"T.Dataset": inputs[1]}
    parameters = dict(zip(_ROLES.get(kind, ()), own, strict=False))
    return Layer(key, kind, function.text("name", kind), settings, parameters=parameters)


def _dims(shape: Message) -> list[int]:
    return [int(float(one)) for one in shape.texts("dim")]


_KERNELS = ("Convolution", "Deconvolution", "DepthwiseConvolution")


def _affine(shape: list[int], given: Message) -> dict[str, str]:
    return {"OutShape": ",".join(map(str, shape[1:]))}


def _convolution(shape: list[int], given: Message) -> dict[str, str]:
    return {"OutMaps": str(shape[0] if shape else 0), "KernelShape": ",".join(map(str, shape[2:]))}


def _deconvolution(shape: list[int], given: Message) -> dict[str, str]:
    maps = (shape[1] if len(shape) > 1 else 0) * int(given.number("group", 1))
    return {"OutMaps": str(maps), "KernelShape": ",".join(map(str, shape[2:]))}


def _depthwise(shape: list[int], given: Message) -> dict[str, str]:
    return {"KernelShape": ",".join(map(str, shape[1:]))}


_SIZES: Mapping[str, Callable[[list[int], Message], dict[str, str]]] = {
    "Affine": _affine,
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "DepthwiseConvolution": _depthwise,
}

_NAMES: Mapping[str, str] = {
    "pad": "Padding", "stride": "Strides", "dilation": "Dilation", "group": "Group", "kernel": "KernelShape",
    "ignore_border": "IgnoreBorder", "including_pad": "IncludingPad", "val": "Value", "alpha": "Alpha", "axis": "Axis",
    "axes": "Axes", "eps": "Epsilon", "decay_rate": "DecayRate", "p": "P", "shape": "OutShape", "times": "Times",
    "multiplier": "Multiplier", "start": "Start", "stop": "Stop", "step": "Step", "n": "N", "pad_width": "PadWidth",
    "mode": "Mode", "constant_value": "ConstantValue",
}  # fmt: skip


def _setting(name: str) -> str:
    return _NAMES.get(name, name)


def _data(message: Message) -> Data:
    divided = message.text("no_image_normalization", "False") != "True"
    place = message.text("uri").replace("\\", "/")
    return Data(message.text("name"), "/".join(place.split("/")[-2:]), divided)


def _solver(message: Message, steps: float, left: list[Left]) -> Solver:
    solver = message.one("solver")
    given = next((found[0] for name, found in solver.messages.items() if _is_solver(name)), Message())
    values = {_VALUES.get(name, name): given.number(name) for name in given.values if name != "decay_rate"}
    way = solver.text("lr_scheduler_type", "Exponential").casefold()
    detail = solver.one(f"{way}_scheduler_param")
    every = detail.number("iter_interval", solver.number("lr_decay_interval", 1))
    factor = detail.number("gamma", solver.number("lr_decay", 1))
    if factor != 1 and not steps:
        left.append(Left(f"a rate × {factor:g} every {every:g} steps", "the file does not say how many make an epoch."))
        factor = 1.0
    schedule = schedule_of(way, factor, every / steps if steps else every, detail.number("power", 1), 0.0, left)
    net = message.text("network_name")
    return Solver(net, solver.text("type", "Adam"), values, solver.number("weight_decay"), schedule)


def _is_solver(name: str) -> bool:
    return name.endswith("_param") and not name.endswith(("scheduler_param", "warmup_param"))


_VALUES: Mapping[str, str] = {"lr": "LearningRate", "eps": "Epsilon", "alpha": "Alpha", "momentum": "Momentum"}
