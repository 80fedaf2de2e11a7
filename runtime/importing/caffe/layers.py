"""Layers of Caffe and DIGITS in the words of Neural Network Console, in which all imported files are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.importing.prototext import Message

Settings = dict[str, str]


DATA = frozenset({"data", "imagedata", "hdf5data", "memorydata", "input", "dummydata", "windowdata"})
LABELLED = frozenset({"data", "imagedata", "hdf5data", "memorydata", "windowdata"})


def called(layer: Message) -> str:
    """The type without the differences between old files (INNER_PRODUCT) and new ones (InnerProduct)."""
    return layer.text("type").replace("_", "").casefold()


def translated(layer: Message) -> tuple[str, Settings] | None:
    """The type and the settings of a layer in the common words; None for one that has none."""
    kind = called(layer)
    maker = _MAKERS.get(kind)
    if maker is None:
        plain = _PLAIN.get(kind)
        return (plain, {}) if plain else None
    return maker(layer)


def _convolution(layer: Message) -> tuple[str, Settings]:
    given = layer.one("convolution_param")
    kernel = _pair(given, "kernel", "kernel_size", "1")
    settings = {
        "OutMaps": given.text("num_output", "1"),
        "KernelShape": kernel,
        "Strides": _pair(given, "stride", "stride", "1"),
        "Padding": _pair(given, "pad", "pad", "0"),
        "Dilation": _spread(given.texts("dilation") or ["1"], 2),
        "Group": given.text("group", "1"),
        "WithBias": given.text("bias_term", "True"),
        **_learning(layer, given),
    }
    return ("Deconvolution" if called(layer) == "deconvolution" else "Convolution"), settings


def _affine(layer: Message) -> tuple[str, Settings]:
    given = layer.one("inner_product_param")
    settings = {"OutShape": given.text("num_output", "1"), "WithBias": given.text("bias_term", "True")}
    return "Affine", settings | _learning(layer, given)


def _pooling(layer: Message) -> tuple[str, Settings]:
    given = layer.one("pooling_param")
    highest = given.text("pool", "MAX") == "MAX"
    if given.text("global_pooling") == "True":
        return ("GlobalMaxPooling" if highest else "GlobalAveragePooling"), {}
    settings = {
        "KernelShape": _pair(given, "kernel", "kernel_size", "1"),
        "Strides": _pair(given, "stride", "stride", "1"),
        "Padding": _pair(given, "pad", "pad", "0"),
        "IgnoreBorder": "False",  # Caffe also uses a last window that stands over the edge
        "IncludingPad": "True",
    }
    return ("MaxPooling" if highest else "AveragePooling"), settings


def _relu(layer: Message) -> tuple[str, Settings]:
    slope = layer.one("relu_param").text("negative_slope", "0")
    return ("ReLU", {}) if float(slope or 0) == 0 else ("LeakyReLU", {"Alpha": slope})


def _dropout(layer: Message) -> tuple[str, Settings]:
    return "Dropout", {"P": layer.one("dropout_param").text("dropout_ratio", "0.5")}


def _local_response(layer: Message) -> tuple[str, Settings]:
    given = layer.one("lrn_param")
    if given.text("norm_region", "ACROSS_CHANNELS") != "ACROSS_CHANNELS":
        return "LRN within channels", {"N": given.text("local_size", "5")}
    return "LRN", {
        "N": given.text("local_size", "5"),
        "Alpha": given.text("alpha", "1"),
        "Beta": given.text("beta", "0.75"),
        "K": given.text("k", "1"),
    }


def _elementwise(layer: Message) -> tuple[str, Settings]:
    given = layer.one("eltwise_param")
    weighed = any(float(one) != 1 for one in given.texts("coeff") or ["1"])
    kind = {"SUM": "AddN", "PROD": "MulN", "MAX": "MaxN"}.get(given.text("operation", "SUM"), "Eltwise")
    return ("Eltwise with weights" if weighed else kind), {}


def _concatenate(layer: Message) -> tuple[str, Settings]:
    axis = layer.one("concat_param").text("axis", "1")
    return "Concatenate", {"Axis": str(int(float(axis)) - 1)}


def _batch_normalization(layer: Message) -> tuple[str, Settings]:
    given = layer.one("batch_norm_param")
    settings = {"DecayRate": given.text("moving_average_fraction", "0.999"), "Epsilon": given.text("eps", "1e-5")}
    return "BatchNormalization", settings | {"gammaUsed": "False", "betaUsed": "False"}


def _power(layer: Message) -> tuple[str, Settings]:
    given = layer.one("power_param")
    if float(given.text("power", "1")) != 1:
        return "Power", {}
    return "MulScalar and AddScalar", {"Factor": given.text("scale", "1"), "Offset": given.text("shift", "0")}


def _elu(layer: Message) -> tuple[str, Settings]:
    return "ELU", {"Alpha": layer.one("elu_param").text("alpha", "1")}


def _reshape(layer: Message) -> tuple[str, Settings]:
    return "Reshape", {"OutShape": ",".join(layer.one("reshape_param").one("shape").texts("dim")[1:])}


def _loss(kind: str) -> Callable[[Message], tuple[str, Settings]]:
    def made(layer: Message) -> tuple[str, Settings]:
        return kind, {"T.Dataset": "label"}

    return made


def _accuracy(layer: Message) -> tuple[str, Settings]:
    return "TopNError", {"N": layer.one("accuracy_param").text("top_k", "1"), "T.Dataset": "label"}


_PLAIN: Mapping[str, str] = {
    "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax", "flatten": "Flatten", "prelu": "PReLU", "exp": "Exp",
    "absval": "Abs", "log": "Log", "split": "Split",
}  # fmt: skip
_MAKERS: Mapping[str, Callable[[Message], tuple[str, Settings]]] = {
    "convolution": _convolution,
    "deconvolution": _convolution,
    "innerproduct": _affine,
    "pooling": _pooling,
    "relu": _relu,
    "dropout": _dropout,
    "lrn": _local_response,
    "eltwise": _elementwise,
    "concat": _concatenate,
    "batchnorm": _batch_normalization,
    "power": _power,
    "elu": _elu,
    "reshape": _reshape,
    "accuracy": _accuracy,
    "softmaxwithloss": _loss("SoftmaxCrossEntropy"),
    "softmaxloss": _loss("SoftmaxCrossEntropy"),
    "sigmoidcrossentropyloss": _loss("SigmoidCrossEntropy"),
    "euclideanloss": _loss("SquaredError"),
}


def _learning(layer: Message, given: Message) -> Settings:
    """How fast the weights learn, and how they began."""
    rates = paces(layer)
    begun = {"W": given.one("weight_filler").text("type"), "b": given.one("bias_filler").text("type")}
    return {
        **({"W.LRateMultiplier": rates[0]} if rates else {}),
        **{f"{tensor}.Initializer": filler for tensor, filler in begun.items() if filler},
    }


def paces(layer: Message) -> list[str]:
    """What multiplies the rate of weights and bias; new files have a message for each tensor, old ones a list."""
    return [one.text("lr_mult", "1") for one in layer.all("param")] or layer.texts("blobs_lr")


def _pair(given: Message, stem: str, whole: str, otherwise: str) -> str:
    """A size for both axes: one number, two, or one for each axis by name."""
    high, wide = given.text(f"{stem}_h"), given.text(f"{stem}_w")
    if high or wide:
        return f"{high or otherwise},{wide or otherwise}"
    return _spread(given.texts(whole) or [otherwise], 2)


def _spread(numbers: list[str], axes: int) -> str:
    return ",".join(numbers if len(numbers) > 1 else numbers * axes)
