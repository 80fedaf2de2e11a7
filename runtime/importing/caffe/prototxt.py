"""A .prototxt file of Caffe or DIGITS: a network, or a solver that names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from runtime.data.wording import counted
from runtime.importing.assembling import assembled
from runtime.importing.caffe.layers import DATA, LABELLED, called, paces, translated
from runtime.importing.caffe.solver import solver_of
from runtime.importing.imported import Imported, ImportRefused, Left
from runtime.importing.layers import Data, Foreign, Layer, Link, Net
from runtime.importing.prototext import Message, parsed
from runtime.importing.rows import laid_out
from runtime.importing.text_file import text_of

_NETWORK = "Caffe network"
_SOLVER = "Caffe solver"
_MOST_LAYERS = 20_000
_NAMED = 4  # layers in a sentence


def read(path: Path) -> Imported:
    """The drawing that a network becomes; a solver brings the network that it names. Raises ImportRefused."""
    message = parsed(text_of(path), path.name)
    if _layers(message):
        return assembled(foreign_of(message, path.name), path.name)
    named = message.text("net") or message.text("train_net")
    inside = message.one("net_param") if message.has("net_param") else message.one("train_net_param")
    if not named and not _layers(inside):
        raise ImportRefused(f"{path.name} holds neither layers nor the name of a network.")
    left: list[Left] = []
    network = parsed(text_of(_beside(path, named)), named) if named else inside
    foreign = foreign_of(network, named or path.name)
    solver = solver_of(message, next(iter(foreign.nets)), left)
    accumulate = max(1, int(message.number("iter_size", 1)))
    taken = (f"The network of the solver, from {named}.",) if named else ()
    told = tuple(one for one in foreign.left if one.what != _UNSOLVED.what)
    foreign = replace(
        foreign, source=_SOLVER, solvers=(solver,), accumulate=accumulate, taken=taken,
        clip=message.number("clip_gradients"),
    )  # fmt: skip
    return assembled(replace(foreign, left=(*told, *left)), path.name)


def _beside(solver: Path, named: str) -> Path:
    """The network that a solver names: from one of the folders above it, or beside it."""
    relative = Path(named.replace("\\", "/"))
    if not relative.is_absolute():
        for folder in solver.resolve().parents:
            if (folder / relative).is_file():
                return folder / relative
    if (solver.parent / relative.name).is_file():
        return solver.parent / relative.name
    raise ImportRefused(f"{solver.name} is a solver for {named}, which is not there; put that file beside it.")


_UNSOLVED = Left(
    "how the network is trained", "a solver file says that: open it in the place of this one, or add an optimizer."
)


def foreign_of(message: Message, name: str) -> Foreign:
    """What a network says of itself. Raises ImportRefused."""
    layers = _layers(message)
    if len(layers) > _MOST_LAYERS:
        raise ImportRefused(f"{name} has {len(layers)} layers; {_MOST_LAYERS} fit.")
    reader = _Reader(message, [one for one in layers if _trains(one)])
    net = laid_out(reader.net(message.text("name") or "Network"))
    measures = any(layer.type == "TopNError" for layer in net.layers.values())
    return Foreign(
        _NETWORK, {net.name: net}, (), tuple(reader.data), batch=reader.batch,
        judging=(net.name,) if measures else (), answering=net.name,
        left=(*reader.left, *([_UNSOLVED] if reader.learns else [])),
    )  # fmt: skip


def _layers(message: Message) -> list[Message]:
    return [*message.all("layer"), *message.all("layers")]


def _trains(layer: Message) -> bool:
    """Whether a layer is part of training, or only measures: data that are read for a test alone are left out."""
    phases = {one.text("phase") for one in layer.all("include")} - {""}
    stages = {stage for one in layer.all("include") for stage in one.texts("stage")}
    if called(layer) == "accuracy":
        return True
    return not (phases and "TRAIN" not in phases) and not (stages and "train" not in stages)


class _Reader:
    """Goes through the layers of a network in order; a layer may write where it read (in place)."""

    def __init__(self, message: Message, listed: list[Message]) -> None:
        self.message = message
        self.listed = listed
        self.layers: dict[str, Layer] = {}
        self.links: list[Link] = []
        self.makers: dict[str, str] = {}  # blob -> the layer that gave it last
        self.labels: set[str] = set()
        self.data: list[Data] = []
        self.left: list[Left] = []
        self.batch = 0
        self.learns = False

    def net(self, name: str) -> Net:
        """The network."""
        self._given_inputs()
        for number, layer in enumerate(self.listed):
            key = f"l{number}"
            if called(layer) in DATA:
                self._enter(layer, key)
            elif called(layer) != "silence" and not self._joins_normalisation(layer):
                self._layer(layer, key)
        if self.learns:
            self._tell_of_biases()
        return Net(name, self.layers, tuple(self.links))

    def _tell_of_biases(self) -> None:
        """Weights and bias of a layer learn alike here."""
        apart = [layer.text("name") for layer in self.listed if len({float(pace) for pace in paces(layer)}) > 1]
        if apart:
            names = ", ".join(f"“{name}”" for name in apart[:_NAMED])
            more = f" and {counted(len(apart) - _NAMED, 'more layer')}" if len(apart) > _NAMED else ""
            why = "a bias learns as fast as the weights of its layer here."
            self.left.append(Left(f"a rate of their own for the biases of {names}{more}", why))

    def _given_inputs(self) -> None:
        """Inputs named at the head of the file, as old files for use have them."""
        dims = [[*one.texts("dim")] for one in self.message.all("input_shape")]
        flat = self.message.texts("input_dim")
        dims = dims or [flat[place : place + 4] for place in range(0, len(flat), 4)]
        for number, blob in enumerate(self.message.texts("input")):
            size = ",".join(dims[number][1:]) if number < len(dims) else ""
            self._input(blob, f"i{number}", blob, size)

    def _input(self, blob: str, key: str, name: str, size: str, settings: Mapping[str, str] | None = None) -> None:
        self.layers[key] = Layer(key, "Input", name, {"Dataset": blob, "Size": size, **(settings or {})})
        self.makers[blob] = key

    def _enter(self, layer: Message, key: str) -> None:
        """A layer that reads data: its first blob is the image, its second the label."""
        tops = layer.texts("top")
        given_shapes = (layer.one(name).one("shape").texts("dim") for name in ("input_param", "dummy_data_param"))
        shape = next((dims for dims in given_shapes if dims), [])
        change = layer.one("transform_param")
        side = change.text("crop_size") or layer.one("image_data_param").text("new_height")
        size = ",".join(shape[1:]) if shape else f"3,{side},{side}" if side else ""
        given = next((layer.one(name) for name in _SOURCES if layer.has(name)), Message())
        self.batch = self.batch or int(given.number("batch_size"))
        if tops:
            self._input(tops[0], key, layer.text("name", "data"), size)
        self.labels |= set(tops[1:] if called(layer) in LABELLED else ())
        if called(layer) in LABELLED:
            self.data.append(Data(layer.text("name", "data"), given.text("source"), divided=False))
        if tops:
            self._changed(layer, change, key, tops[0])

    def _changed(self, layer: Message, change: Message, key: str, blob: str) -> None:
        """What is done to images as they are read."""
        name = layer.text("name", "data")
        if change.text("mirror") == "True":
            self._between(f"{key} mirror", "RandomFlip", "mirror", {"Axes": "2"}, blob)
        if change.has("crop_size"):
            why = "images are brought to this size as a whole here; Augment can cut at random."
            self.left.append(Left(f"the pieces of {change.text('crop_size')} pixels cut from “{name}”", why))
        means = change.texts("mean_value")
        factor = change.number("scale", 1.0)
        if factor != 1 or means:
            mean = sum(map(float, means)) / len(means) if means else 0.0
            settings = {"Factor": f"{factor:.12g}", "Offset": f"{-mean * factor:.12g}"}
            self._between(f"{key} scale", "MulScalar and AddScalar", "scale", settings, blob)
        if len(set(means)) > 1:
            why = "one mean for all channels is subtracted here; give one for each at Normalise."
            self.left.append(Left(f"the means {', '.join(means)} of “{name}”", why))
        if change.has("mean_file"):
            why = "the file of means is not opened; put Normalise behind the source."
            self.left.append(Left(f"the mean image of “{name}” ({change.text('mean_file')})", why))

    def _between(self, key: str, kind: str, name: str, settings: Mapping[str, str], blob: str) -> None:
        self.layers[key] = Layer(key, kind, name, settings)
        self.links.append(Link(self.makers[blob], key))
        self.makers[blob] = key

    def _joins_normalisation(self, layer: Message) -> bool:
        """Whether this Scale gives the BatchNorm before it the trained scale and offset that ours has itself."""
        bottoms = layer.texts("bottom")
        before = self.makers.get(bottoms[0], "") if len(bottoms) == 1 else ""
        if called(layer) != "scale" or not before or self.layers[before].type != "BatchNormalization":
            return False
        found = self.layers[before]
        settings = {name: value for name, value in found.settings.items() if name not in ("gammaUsed", "betaUsed")}
        self.layers[before] = replace(found, settings=settings)
        self.makers |= dict.fromkeys(layer.texts("top"), before)
        return True

    def _layer(self, layer: Message, key: str) -> None:
        name = layer.text("name") or layer.text("type")
        found = translated(layer)
        kind, settings = found if found is not None else (layer.text("type"), {})
        self.learns = self.learns or kind.endswith(("CrossEntropy", "SquaredError"))
        weight = layer.text("loss_weight")
        pin = 0
        for blob in layer.texts("bottom"):
            if blob in self.labels:
                settings = settings | {"T.Dataset": blob}
            elif blob in self.makers:
                self.links.append(Link(self.makers[blob], key, pin))
                pin += 1
        self.layers[key] = Layer(key, kind, name, settings)
        self.makers |= dict.fromkeys(layer.texts("top"), key)
        if weight and kind.endswith(("CrossEntropy", "SquaredError")) and float(weight) != 1:
            scaled = Layer(f"{key} weight", "MulScalar", f"weight of {name}", {"Value": weight})
            self.layers[scaled.id] = scaled
            self.links.append(Link(key, scaled.id))


_SOURCES = ("data_param", "image_data_param", "hdf5_data_param", "memory_data_param", "window_data_param")
