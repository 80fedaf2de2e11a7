"""A .sdcproj file: sections in brackets with a line for each fact, layers and links numbered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from runtime.importing.assembling import assembled
from runtime.importing.imported import Imported, ImportRefused, Left
from runtime.importing.layers import Data, Foreign, Layer, Link, Net, Solver
from runtime.importing.solvers import schedule_of
from runtime.importing.text_file import text_of

Sections = Mapping[str, Mapping[str, str]]

_GRID = 48.0
_MOST = 20_000
_SOURCE = "Neural Network Console project"


def read(path: Path) -> Imported:
    """The drawing that a project of Neural Network Console becomes. Raises ImportRefused."""
    return assembled(foreign_of(sections_of(text_of(path), path.name), path.name), path.name)


def sections_of(text: str, name: str) -> dict[str, dict[str, str]]:
    """The sections of the file by their names in brackets. Raises ImportRefused."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in text.splitlines():
        if found := re.fullmatch(r"\[([^\]\n]{1,200})\]\s*", line):
            if len(sections) >= _MOST:
                raise ImportRefused(f"{name} has more than {_MOST} sections, which no project has.")
            current = sections.setdefault(found[1], {})
        elif current is not None and "=" in line:
            key, value = line.split("=", 1)
            current[key.strip()] = value.rstrip("\r")
    return sections


def foreign_of(sections: Sections, name: str) -> Foreign:
    """What the sections say. Raises ImportRefused for a file without a network."""
    names = _names(sections)
    nets = {title: _net(sections, prefix, title, name) for title, prefix in names.items()}
    nets = {title: net for title, net in nets.items() if net.layers}
    if not nets:
        raise ImportRefused(f"{name} holds no network: there is no section Network_Global with layers.")
    left: list[Left] = []
    config = sections.get("Config", {})
    batch = _whole(config.get("BatchSize", ""), 0)
    data = tuple(_data(sections[f"Dataset_{number}"]) for number in _numbers(sections, "Dataset"))
    counts = [_whole(sections[f"Dataset_{number}"].get("NumData", ""), 0) for number in _numbers(sections, "Dataset")]
    cases = max(counts, default=0)
    optimizers = [sections[f"Optimizer_{number}"] for number in _numbers(sections, "Optimizer")]
    sums = [_whole(optimizer.get("UpdateInterval", ""), 1) for optimizer in optimizers]
    steps = cases / batch if batch else 0.0
    solvers = tuple(_solver(optimizer, next(iter(nets)), steps, left) for optimizer in optimizers)
    return Foreign(
        _SOURCE, nets, solvers, data,
        epochs=_whole(config.get("MaxEpoch", ""), 0),
        batch=batch,
        accumulate=max([1, *sums]),
        about=sections.get("Description", {}).get("Text", "").replace("\\n", "\n"),
        judging=_judging(sections, nets, {solver.net for solver in solvers}),
        answering=_answering(sections, nets, {solver.net for solver in solvers}),
        left=(*left, *_beside(sections)),
    )  # fmt: skip


def _names(sections: Sections) -> dict[str, str]:
    """The networks by title, with what their sections begin with."""
    listed = sections.get("Global", {})
    titles = [listed[f"Network_{number}"] for number in range(_MOST) if f"Network_{number}" in listed]
    if titles:
        return {title: f"{title}_" for title in titles}
    return {"Main": ""} if "Network_Global" in sections else {}


def _net(sections: Sections, prefix: str, title: str, name: str) -> Net:
    layers: dict[str, Layer] = {}
    count = _whole(sections.get(f"{prefix}Network_Global", {}).get("NumLayer", ""), 0)
    for number in range(min(count, _MOST)):
        section = sections.get(f"{prefix}Layer_{number}")
        if section is None:
            raise ImportRefused(f"{name} is damaged: of {count} layers of “{title}” no. {number} is missing.")
        layer = _layer(section)
        layers[layer.id] = layer
    links = []
    known = _whole(sections.get(f"{prefix}Network_Global", {}).get("NumLink", ""), 0)
    for number in range(min(known, _MOST)):
        section = sections.get(f"{prefix}Link_{number}", {})
        pin = _whole(section.get("DestPinIndex", ""), 0)
        link = Link(section.get("SourceLayerID", ""), section.get("DestLayerID", ""), pin)
        if link.source not in layers or link.target not in layers:
            raise ImportRefused(f"{name} is damaged: a link of the network “{title}” leads to no layer.")
        links.append(link)
    return Net(title, layers, tuple(links))


def _layer(section: Mapping[str, str]) -> Layer:
    settings = {
        section[f"Property_{number}_Name"]: section.get(f"Property_{number}_Value", "")
        for number in range(min(_whole(section.get("NumProperty", ""), 0), 2_000))
        if f"Property_{number}_Name" in section
    }
    place = (_whole(section.get("Position_0", ""), 0) / _GRID, _whole(section.get("Position_1", ""), 0) / _GRID)
    name = settings.pop("Name", "") or section.get("Type", "")
    return Layer(section.get("ID", ""), section.get("Type", ""), name, settings, place)


def _data(section: Mapping[str, str]) -> Data:
    place = "/".join(section.get("URI", "").replace("\\", "/").split("/")[-2:])
    return Data(section.get("Name", ""), place, section.get("ImageNormalization", "1") == "1")


def _solver(section: Mapping[str, str], only: str, steps: float, left: list[Left]) -> Solver:
    """How a network is trained; `steps` is how many batches make an epoch, 0 where that is not known."""
    values = {
        section[f"SolverParameterName_{number}"]: _real(section.get(f"SolverParameter_{number}", ""), 0.0)
        for number in range(min(_whole(section.get("SolverParameterNum", ""), 0), 50))
        if f"SolverParameterName_{number}" in section
    }
    every = _real(section.get("LearningRateUpdateInterval", ""), 1.0)
    warm = _real(section.get("LearningRateWarmupLength", ""), 0.0)
    every, known = _epochs(every, section.get("LearningRateUpdateIntervalUnit", "0"), steps)
    warm, _ = _epochs(warm, section.get("LearningRateWarmupLengthUnit", "0"), steps)
    factor = _real(section.get("LearningRateMultiplier", ""), 1.0)
    way = section.get("LearningRateScheduler", "Exponential").casefold()
    if way in ("exponential", "step") and factor != 1 and not known:
        left.append(Left(f"a rate × {factor:g} every {every:g} steps", "the file does not say how many make an epoch."))
        factor = 1.0
    if section.get("LearningRateSteps", "").strip():
        left.append(Left(f"rates at steps {section['LearningRateSteps']}", "rates are lowered after equal times here."))
    warmed = warm if section.get("LearningRateWarmupScheduler", "None") == "Linear" else 0.0
    schedule = schedule_of(way, factor, every, _real(section.get("LearningRatePower", ""), 1.0), warmed, left)
    net = section.get("Optimizer_NetworkName", only)
    kind = section.get("SolverName", "Adam")
    return Solver(net, kind, values, _real(section.get("WeightDecay", ""), 0.0), schedule)


def _epochs(length: float, unit: str, steps: float) -> tuple[float, bool]:
    """A length in epochs (unit 0) or steps (unit 1), and whether that could be told."""
    if unit == "1":
        return (length / steps, True) if steps else (length, False)
    return length, True


def _judging(sections: Sections, nets: Mapping[str, Net], trained: set[str]) -> tuple[str, ...]:
    named = [sections[f"Monitor_{number}"].get("Monitor_NetworkName", "") for number in _numbers(sections, "Monitor")]
    return tuple(dict.fromkeys(name for name in named if name in nets and name not in trained))


def _answering(sections: Sections, nets: Mapping[str, Net], trained: set[str]) -> str:
    executors = [sections[f"Executor_{number}"] for number in _numbers(sections, "Executor")]
    named = [executor.get("Executor_NetworkName", "") for executor in executors]
    return next((name for name in named if name in nets and name not in trained), "")


def _beside(sections: Sections) -> list[Left]:
    told = []
    if sections.get("Script", {}).get("Enabled") == "1":
        told.append(Left("the scripts of the project", "programs of others are not run here."))
    if sections.get("StructureSearch", {}).get("Enabled") == "1":
        told.append(Left("the structure search", "search settings here instead, in the table of training settings."))
    return told


def _numbers(sections: Sections, stem: str) -> list[int]:
    return [number for number in range(200) if f"{stem}_{number}" in sections]


def _whole(text: str, otherwise: int) -> int:
    return int(_real(text, float(otherwise)))


def _real(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if abs(value) < 1e12 else otherwise
