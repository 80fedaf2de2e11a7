"""Readable stand-alone PyTorch source of a graph, printed from the same calls that compile builds."""

from __future__ import annotations

import sys
import textwrap

from nodes.spec import spelled
from runtime.analysis import Analysis
from runtime.copied import Copied, Import, copied
from runtime.delivered import as_delivered, simulates
from runtime.delivery.contract import Contract, InputContract, OutputContract, contract_of
from runtime.names import identifiers
from runtime.plan import plan_of
from runtime.source_classes import Classes
from runtime.source_scopes import scopes_of
from runtime.source_text import arguments_of, called, indented, literal, numbers, one_line

_FIT, _BOXES = "runtime.modules.fit.Fit", "runtime.modules.boxes.answered_boxes"


def python_source(analysis: Analysis, deployed: bool = True) -> str:
    """A Python file that needs torch and safetensors only, and holds the network of a sound graph as one class.

    `deployed`: it takes images of any size in real units, as the exported ONNX does; otherwise images that were fitted
    already. Augmentation is left out. Raises GraphError with every problem of an unsound graph.
    """
    return _Printer(analysis, deployed).text()


class _Printer:
    def __init__(self, analysis: Analysis, deployed: bool) -> None:
        self.analysis = as_delivered(analysis)
        self.plan = plan_of(analysis, deployed=True)
        self.contract: Contract = contract_of(analysis)
        self.names = {node_id: name.replace(".", "_") for node_id, name in identifiers(analysis.graph).items()}
        self.fits = [entry if deployed and entry.rule else None for entry in self.contract.inputs]
        targets = [work.call.target for work in self.plan.work] + [_FIT] * any(self.fits)
        targets += [_BOXES] * any(entry.activation == "boxes" for entry in self.contract.outputs)
        self.copied: Copied = copied(target for target in targets if target.startswith("runtime.modules."))
        self.main = scopes_of(analysis, self.plan)
        self.classes = Classes(analysis, self.main, self.copied.names)
        feeds = {place: self.classes.safe(self.names[place[0]]) for place in self.plan.feeds}
        self.variables = self.classes.variables(self.main, feeds)

    def text(self) -> str:
        parts = [
            "\n\n".join([_HEAD, *_import_lines({*_IMPORTS, *self.copied.imports})]),
            *self.copied.definitions,
            *self.classes.definitions(),
            "\n".join(["class Network(nn.Module):", *indented(self._body(), 4)]),
            "\n".join(self._main()),
            'if __name__ == "__main__":\n    main()',
        ]
        return "\n\n\n".join(parts) + "\n"

    def _body(self) -> list[str]:
        inputs = [_item(entry.name, _describe_input(entry)) for entry in self.contract.inputs]
        outputs = [_item(entry.name, _describe_output(entry)) for entry in self.contract.outputs]
        lines = ['"""Takes:', *inputs, "", "Gives raw scores from `forward`, answers from `predict`:", *outputs, '"""']
        return [*lines, "", *self._init(), "", *self._forward(), "", *self._predict(), "", *_LOAD]

    def _init(self) -> list[str]:
        first, *lines = self.classes.init(self.main)
        fits = []
        for entry, node_id in zip(self.fits, self.plan.inputs, strict=True):
            if entry is not None:
                made = called("Fit", arguments_of({"size": entry.size, "rule": entry.rule}))
                fits.append(f"self.{_fit_name(self.names[node_id])} = {made}")
        return ["def __init__(self) -> None:", *indented([first, *fits, *lines], 4)]

    def _forward(self) -> list[str]:
        lines = []
        for entry, node_id, place in zip(self.fits, self.plan.inputs, self.plan.feeds, strict=True):
            if entry is not None:
                name = self.variables[place]
                lines.append(self.classes.noted(f"{name} = self.{_fit_name(self.names[node_id])}({name})", place))
        for node_id in self.plan.left_out:
            name = one_line(self.analysis.title(node_id))
            poorer = simulates(self.analysis.facts[node_id].type)
            acts = "makes images poorer for training and measuring" if poorer else "acts in training only"
            lines.append(f"# “{name}” {acts} and is left out here.")
        lines += self.classes.steps(self.main, self.variables, noted=True)
        lines.append(f"return {', '.join(self.variables[place] for place in self.plan.outputs.values())}")
        given = ", ".join(f"{self.variables[place]}: Tensor" for place in self.plan.feeds)
        return [f"def forward(self, {given}) -> {self._answer()}:", *indented(lines, 4)]

    def _answer(self) -> str:
        count = len(self.plan.outputs)
        return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"

    def _predict(self) -> list[str]:
        names = ", ".join(self.variables[place] for place in self.plan.feeds)
        given = ", ".join(f"{self.variables[place]}: Tensor" for place in self.plan.feeds)
        meanings = [entry.activation for entry in self.contract.outputs]
        scores = [f"scores_{number}" for number in range(1, len(meanings) + 1)] if len(meanings) > 1 else ["scores"]
        answers = [_ACTIVATIONS[kind].format(name) for kind, name in zip(meanings, scores, strict=True)]
        lines = [
            '"""The answers: probabilities where the network tells classes apart."""',
            "self.eval()",
            "with torch.inference_mode():",
            f"    {', '.join(scores)} = self({names})",
            f"    return {', '.join(answers)}",
        ]
        return [f"def predict(self, {given}) -> {self._answer()}:", *indented(lines, 4)]

    def _main(self) -> list[str]:
        lines = ['"""Try the network: python FILE.py [WEIGHTS.safetensors]"""', "network = Network()"]
        lines += ["if len(sys.argv) > 1:", "    network.load(sys.argv[1])", "inputs = ["]
        lines += [f"    torch.zeros({numbers((1, entry.channels, *entry.size))})," for entry in self.contract.inputs]
        lines += ["]", "answers = network.predict(*inputs)"]
        if len(self.contract.outputs) == 1:
            lines.append("answers = (answers,)")
        lines.append("for name, answer in zip(OUTPUTS, answers):")
        lines.append('    print(name, tuple(answer.shape), OUTPUTS[name] or "")')
        table = [f"    {literal(entry.name)}: {literal(entry.classes)}," for entry in self.contract.outputs]
        head = ["# The names of the outputs and of their classes, in order.", "OUTPUTS = {", *table, "}"]
        return [*head, "", "", "def main() -> None:", *indented(lines, 4)]


def _describe_input(entry: InputContract) -> str:
    shape = f"N×{entry.channels}×{spelled(entry.size)}" if entry.size else f"N×{entry.channels}"
    if entry.rule is None:
        return f"float32, {shape}."
    fitted = f"brought to {spelled(entry.size)} pixels ({entry.rule})"
    return f"float32, N×{entry.channels}×any size, {fitted}; {one_line(entry.units)}."


def _describe_output(entry: OutputContract) -> str:
    classes = f", classes {', '.join(map(one_line, entry.classes))}" if entry.classes else ""
    return f"{entry.task or 'numbers'}, N×{spelled(entry.shape)}, {entry.activation}{classes}."


def _item(name: str, says: str) -> str:
    return textwrap.fill(f"- {one_line(name)}: {says}", 100, subsequent_indent="  ", break_long_words=False)


def _fit_name(name: str) -> str:
    return f"_fit_{name}"


def _import_lines(imports: set[Import]) -> list[str]:
    """One block for the standard library and one for the rest, each in order, names of one module on one line."""
    blocks: dict[bool, list[str]] = {False: [], True: []}
    for module in sorted({entry.module for entry in imports}):
        entries = sorted(entry for entry in imports if entry.module == module)
        lines = blocks[module.partition(".")[0] not in sys.stdlib_module_names]
        lines += [f"import {module}{_as(entry)}" for entry in entries if not entry.name]
        names = [f"{entry.name}{_as(entry)}" for entry in entries if entry.name]
        lines += [f"from {module} import {', '.join(names)}"] if names else []
    return ["\n".join(sorted(lines, key=lambda line: line.startswith("from"))) for lines in blocks.values()]


def _as(entry: Import) -> str:
    return f" as {entry.alias}" if entry.alias else ""


_IMPORTS = (
    Import("sys"),
    Import("torch"),
    Import("safetensors.torch", "load_file"),
    Import("torch", "Tensor"),
    Import("torch", "nn"),
)
_HEAD = '"""A neural network drawn in Netloom. Research use only."""\n\nfrom __future__ import annotations'
_ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "torch.sigmoid({})",
    "softmax": "torch.softmax({}, 1)",
    "boxes": "answered_boxes({})",
}
_LOAD = [
    "def load(self, path: str) -> Network:",
    '    """Take the trained weights from a safetensors file. Raises KeyError when one is missing."""',
    "    weights = load_file(path)",
    "    self.load_state_dict({name: weights[name] for name in self.state_dict()})",
    "    return self",
]
