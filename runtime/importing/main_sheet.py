"""The main sheet of an imported drawing: sources, the trained layers, losses, metrics, outputs and optimizers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nodes.spec import Shape
from runtime.graph import Json
from runtime.importing.drafting import Drafts
from runtime.importing.heads import LOSSES, MEASURES, ends, is_judge
from runtime.importing.imported import Left
from runtime.importing.layers import UNIT, Foreign, Layer, Net, Solver
from runtime.importing.pieces import Piece
from runtime.importing.preparing import Ready
from runtime.importing.remarks import add_remarks
from runtime.importing.sheets import Drawn, Flow, Place, Sheet, in_order
from runtime.importing.solvers import optimizer_of
from runtime.importing.values import Reading, Scope, Unknown

_COLUMN = 7.0
_NO_ARGUMENTS = Scope(names=False)


class MainSheet:
    """Draws the network that is trained, and all that training needs around it."""

    def __init__(self, foreign: Foreign, ready: Ready) -> None:
        self.foreign = foreign
        self.ready = ready
        self.net: Net = ready.main
        self.drafts = Drafts(ready.nets)
        self.sheet = Sheet("")
        self.sources: dict[str, Flow] = {}  # by variable of the data: what its images are after preparation
        self.folders: dict[str, str] = {}  # by variable of the data: its source node
        self.labels: dict[str, str] = {}  # by variable of the data: the source whose labels it is
        self.ends: list[tuple[str, str]] = []  # network, loss node
        self.judged: list[tuple[Place, Place, str]] = []  # prediction, target, kind of the label
        self.taken: list[str] = []
        self.left = self.sheet.left

    def draw(self) -> Sheet:
        """The whole sheet; what could not be taken is in its `left`."""
        values = _arguments(self.net)
        scope = Scope(values, names=False)
        for layer in self.net.layers.values():
            if layer.type == "Input":
                self._enter(layer, scope)
        for layer in in_order(self.net):
            if layer.type not in ("Input", "Comment", "Argument") and not is_judge(layer):
                flow = self.drafts.layer(self.sheet, self.net, layer, scope)
                if flow is not None:
                    self.sheet.flows[layer.id] = flow
        for layer in self.net.layers.values():
            if is_judge(layer) and layer.type not in MEASURES:
                self._loss(layer)
        self._penalties()
        self._below()
        add_remarks(self.sheet, self.net, self.foreign, has_folders=bool(self.folders))
        return self.sheet

    # Where data enter

    def _enter(self, layer: Layer, scope: Scope) -> None:
        reading = Reading(layer, scope)
        try:
            shape = reading.sizes("Size") if reading.has("Size") else None
        except Unknown as unknown:
            self.sheet.flows[layer.id] = self.sheet.placeholder(layer, (), str(unknown))
            return
        match reading.word("Generator", "none"):
            case "none":
                self.sheet.flows[layer.id] = self._data(layer, shape)
            case _ if shape is None:
                self.sheet.flows[layer.id] = self.sheet.placeholder(layer, (), "its size is not given")
            case "normal":
                noise = self._node(layer, "noise", {"shape": [*shape]}, shape)
                self.sheet.flows[layer.id] = self._times(layer, noise, reading.number("GeneratorMultiplier", 1.0))
            case "constant":
                value = reading.number("GeneratorMultiplier", 1.0)
                constant: dict[str, Json] = {"shape": [*shape], "value": value}
                self.sheet.flows[layer.id] = self._node(layer, "constant", constant, shape)
            case other:
                why = f"its values are drawn by “{other}”"
                self.sheet.flows[layer.id] = self.sheet.placeholder(layer, (), why)

    def _node(self, layer: Layer, kind: str, settings: Mapping[str, Json], shape: Shape | None) -> Flow:
        key = f"{layer.id}:0"
        self.sheet.nodes.append(Drawn(key, kind, layer.name, settings, (*layer.place, 0)))
        return Flow((key, "image"), shape)

    def _times(self, layer: Layer, flow: Flow, factor: float) -> Flow:
        if factor == 1:
            return flow
        piece = Piece("scale", {"factor": factor})
        return self.sheet.piece(f"{layer.id}:1", piece, "Scale and offset", (*layer.place, 1), [flow], _NO_ARGUMENTS)

    def _data(self, layer: Layer, shape: Shape | None) -> Flow:
        """The images of a data set: read from a folder that the user chooses, brought to the size that was used."""
        variable = layer.text("Dataset", "x")
        if variable in self.sources:
            return self.sources[variable]
        key = f"{layer.id}:0"
        if shape is not None and len(shape) < 2:
            flow = self._node(layer, "input", {"shape": [*shape]}, shape)
            why = "it gave lists of numbers; put a Table with such columns in the place of this Input."
            self.left.append(Left(f"the data “{variable}”", why, key))
        else:
            size: dict[str, Json] = {} if shape is None else {"size": [*shape[1:]]}
            self._node(layer, "image_folder", size, shape)
            flow = Flow((key, "image"), shape, untouched=True)
            self.folders[variable] = key
            if any(data.divided for data in self.foreign.data):
                piece = Piece("normalise", {"method": "range to 0–1"})
                at = (*layer.place, 1)
                flow = self.sheet.piece(f"{layer.id}:1", piece, "Normalise", at, [flow], _NO_ARGUMENTS)
        self.sources[variable] = flow
        return flow

    # What is learned

    def _loss(self, layer: Layer) -> None:
        start = self.sheet.flows.get(self.net.before(layer.id))
        if start is None:
            self.left.append(Left(f"{layer.type} “{layer.name}”", "nothing enters it, so nothing would be learned."))
            return
        key = f"{layer.id}:0"
        target, label = self._target(layer, start.shape)
        weight = self.ready.weights.get(layer.id, 1.0)
        if layer.id in self.ready.summed and start.shape is not None:
            weight *= math.prod(start.shape)
        settings: dict[str, Json] = {} if weight == 1 else {"weight": max(weight, 0.0)}
        self.sheet.nodes.append(Drawn(key, LOSSES[layer.type], layer.name, settings, (*layer.place, 0)))
        self.sheet.wires.append((start.place, (key, "prediction")))
        if target is None:
            self.left.append(Left(f"the target of “{layer.name}”", "its data are not images; wire a target.", key))
        else:
            self.sheet.wires.append((target, (key, "target")))
            self.judged.append((start.place, target, label))
        self.ends.append((Ready.net_of(layer.id), key))

    def _target(self, layer: Layer, shape: Shape | None) -> tuple[Place | None, str]:
        """Where the target arises, and what kind of label it is ("" for what the graph makes itself)."""
        given = self.sheet.flows.get(self.net.before(layer.id, 1))
        if given is not None:
            return given.place, ""
        if layer.text("T.Generator", "None").casefold() == "constant":
            key = f"{layer.id}:target"
            value = float(layer.text("T.GeneratorMultiplier", "1") or 1)
            settings: dict[str, Json] = {"shape": [*(shape or (1,))], "value": value}
            above = (layer.place[0] + _COLUMN / 2 + 1, layer.place[1] - 1, 0)
            name = {0.0: "Zeros", 1.0: "Ones"}.get(value, "Constant")
            self.sheet.nodes.append(Drawn(key, "constant", name, settings, above))
            return (key, "image"), ""
        variable = layer.text("T.Dataset", "y")
        if variable in self.sources:
            return self.sources[variable].place, "image"
        return self._label(layer, variable, shape)

    def _label(self, layer: Layer, variable: str, shape: Shape | None) -> tuple[Place | None, str]:
        folder = next(iter(self.folders.values()), None)
        if folder is None:
            return None, ""
        kind = LOSSES[layer.type]
        flat = shape is None or len(shape) == 1
        if kind == "cross_entropy":
            port = "class" if flat else "mask"
        elif kind == "binary_cross_entropy":
            port = "mask" if not flat else "class" if shape in (None, (1,)) else "labels"
        else:
            port = "number" if flat else "image"
        if port != "image":
            self.labels[variable] = port
            return (folder, port), port
        key = f"{layer.id}:target"
        above = (layer.place[0] + _COLUMN, layer.place[1] - 1, 0)
        settings: dict[str, Json] = {"size": [*(shape or ())[1:]]}
        self.sheet.nodes.append(Drawn(key, "image_folder", variable, settings, above))
        return (key, "image"), ""

    def _penalties(self) -> None:
        """What a network leads to beside its losses is made small too."""
        if not self.ends:
            return
        leading = {link.source for link in self.net.links}
        loose = [key for key in self.sheet.flows if key not in leading and self.net.layers[key].type != "Input"]
        for key in loose:
            self._penalty(self.net.layers[key], self.sheet.flows[key])

    def _penalty(self, layer: Layer, flow: Flow) -> None:
        if flow.shape is None:
            return  # a placeholder, which was told
        zero, loss = f"{layer.id}:zero", f"{layer.id}:loss"
        across, down = layer.place
        constant: dict[str, Json] = {"shape": [*flow.shape], "value": 0.0}
        right = max(node.at[0] for node in self.sheet.nodes if node.kind != "constant")
        self.sheet.nodes.append(Drawn(zero, "constant", "Zero", constant, (right + _COLUMN, down + 1, 0)))
        weight = float(math.prod(flow.shape)) if layer.text("Summed") else 1.0
        settings: dict[str, Json] = {} if weight == 1 else {"weight": weight}
        name = f"{layer.name} made small"
        self.sheet.nodes.append(Drawn(loss, "mean_difference", name, settings, (across, down + 2, 0)))
        self.sheet.wires += [(flow.place, (loss, "prediction")), ((zero, "image"), (loss, "target"))]
        self.ends.append((Ready.net_of(layer.id), loss))
        self.taken.append(f"“{layer.name}” was an end of its network, and so a loss: a Mean difference makes it small.")

    # What stands below

    def _below(self) -> None:
        bottom = max((node.at[1] for node in self.sheet.nodes), default=0.0) + 1
        across = self._outputs(bottom)
        self._metrics(bottom, across)
        for number, solver in enumerate(self.foreign.solvers):
            self._optimizer(solver, number, bottom + 1)

    def _outputs(self, bottom: float) -> float:
        """An Output for each prediction that is compared with data, else for what the answering network ends in."""
        places = list(dict.fromkeys(prediction for prediction, _, label in self.judged if label))
        if not places:
            places = [flow.place for flow in (self._answer(),) if flow is not None]
        start = min((node.at[0] for node in self.sheet.nodes), default=0.0)
        for number, place in enumerate(places):
            key = f"output:{number}"
            at = (start + _COLUMN * number, bottom, 0)
            self.sheet.nodes.append(Drawn(key, "output", "Output", {}, at))
            self.sheet.wires.append((place, (key, "prediction")))
        return start + _COLUMN * len(places)

    def _answer(self) -> Flow | None:
        """What leaves the layer that the answering network ends in, or the unit that ends in it."""
        answering = self.foreign.nets.get(self.foreign.answering)
        names = {layer.name for layer in ends(answering)} if answering is not None else set()
        for key in reversed(list(self.sheet.flows)):
            layer = self.net.layers[key]
            inner = self.ready.nets.get(layer.text("Network")) if layer.type == UNIT else None
            if layer.name in names or (inner is not None and {one.name for one in ends(inner)} & names):
                return self.sheet.flows[key]
        leading = {link.source for link in self.net.links}
        loose = [flow for key, flow in self.sheet.flows.items() if key not in leading]
        return loose[-1] if loose else None

    def _metrics(self, bottom: float, across: float) -> None:
        """Accuracy and its like: as networks that only measure had them, and for classes in any case."""
        compared = [(place, target) for place, target, label in self.judged if label in ("class", "mask", "labels")]
        if not compared:
            return
        place, target = compared[0]
        asked = {self._top(layer) for name in self.foreign.judging if name in self.foreign.nets
                 for layer in self.foreign.nets[name].layers.values() if layer.type in MEASURES}  # fmt: skip
        for number, top in enumerate(sorted(asked | {1})):
            key = f"metric:{number}"
            kind, settings = ("accuracy", {}) if top == 1 else ("top_k", {"k": top})
            name = "Accuracy" if top == 1 else f"Among the first {top}"
            at = (across + _COLUMN * number, bottom, 0)
            self.sheet.nodes.append(Drawn(key, kind, name, settings, at))
            self.sheet.wires += [(place, (key, "prediction")), (target, (key, "target"))]

    @staticmethod
    def _top(layer: Layer) -> int:
        text = layer.text("N", "1").strip()
        return max(1, int(text)) if text.isdigit() and layer.type == "TopNError" else 1

    def _optimizer(self, solver: Solver, number: int, row: float) -> None:
        key = f"optimizer:{number}"
        kind, settings = optimizer_of(solver, self.left)
        part = self.ready.parts.get(solver.net, "")
        if len(self.foreign.solvers) > 1:
            settings |= {"order": number + 1}
        if part:
            settings |= {"part": part}
        own = [loss for net, loss in self.ends if net == solver.net]
        across = [node.at[0] for node in self.sheet.nodes if node.key in own]
        name = solver.kind if len(self.foreign.solvers) == 1 else f"{solver.kind} of {solver.net}"
        self.sheet.nodes.append(Drawn(key, kind, name, settings, (min(across, default=0.0), row, 0)))
        self.sheet.wires += [((loss, "loss"), (key, "loss")) for loss in own]


def _arguments(net: Net) -> dict[str, Json]:
    """Arguments that lie on the main sheet count with their own values."""
    found: dict[str, Json] = {}
    for layer in net.layers.values():
        if layer.type == "Argument":
            try:
                found[layer.name] = Reading(layer, Scope()).value("Value")
            except Unknown:
                continue
    return found
