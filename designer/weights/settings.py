"""The training settings about weights to begin with."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from nodes.settings import Form, Setting
from runtime.graph import Training
from runtime.training_values import MATCHED_BY, MOST_FACTOR


def weight_settings(start: Training) -> tuple[Setting, ...]:
    """Where the weights come from, and how the layers that get them learn."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Training", text)

    return (
        Setting(name="weights_from", form=Form.FILE, default=start.weights_from, label=tr("Begin with weights of"),
                help=tr("A file of weights (.safetensors, .pth, .onnx, .nnp) or a run folder; files of torchvision and "
                        "timm are known too. What fits is taken, the rest begins at random; Look shows which and why. "
                        "If images are grey and the file knows colours, its first kernels are summed over them.")),
        Setting(name="weights_by", form=Form.CHOICE, default=start.weights_by, choices=MATCHED_BY,
                label=tr("Match layers by"),
                help=tr("Names, as this program, torchvision or timm give them. The order of shapes is a guess for "
                        "other files: taken only where all layers but the first and last are alike one by one.")),
        Setting(name="loaded_rate", form=Form.NUMBER, default=start.loaded_rate, low=0, high=MOST_FACTOR,
                label=tr("Rate of loaded layers"), unit=tr("× rate"),
                help=tr("Multiplies the learning rate of the layers that begin with these weights, such as 0.1: they "
                        "know much already. 0 freezes them, so that only new layers learn.")),
        Setting(name="loaded_frozen", form=Form.INTEGER, default=start.loaded_frozen, low=0,
                label=tr("Loaded layers frozen"), unit=tr("epochs"),
                help=tr("For so many epochs at the start the layers that begin with these weights stay as they are, "
                        "while new layers find their way. Running statistics of batch normalisation stay as well.")),
    )  # fmt: skip
