"""What may be wanted of a model of several images, and which folders that takes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from runtime.delivery.contract import Contract


def ways_of(contract: Contract) -> dict[str, list[str]]:
    """For each way to ask the model, in words: the inputs that a folder is chosen for, by name; one way, of an input
    without a name, where the model takes one kind of images. Ways that need one folder alone come first."""
    names = {number: one.name for number, one in enumerate(contract.inputs) if one.feed == "data"}
    if len(names) < 2:
        return {"": [""]}
    ways: dict[str, list[str]] = {}
    for number, name in names.items():
        outputs = ", ".join(f"“{contract.outputs[place].name}”" for place in contract.answerable([number]))
        if outputs:
            ways[_tr("%s: a folder for “%s” alone") % (outputs, name)] = [name]
    every = _tr("Everything: a folder for each of %s") % ", ".join(f"“{name}”" for name in names.values())
    return {**ways, every: [*names.values()]}


def _tr(text: str) -> str:
    return QCoreApplication.translate("asked", text)
