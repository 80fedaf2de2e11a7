"""Readable stand-alone PyTorch source of a graph, printed from the same calls that compile builds."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from nodes.spec import Call, spelled
from runtime.analysis import Analysis
from runtime.contract import Contract, InputContract, OutputContract, contract_of
from runtime.copied import Copied, Import, copied
from runtime.names import identifiers
from runtime.plan import Place, Work, plan_of

_WIDE = 110
_FIT = "runtime.modules.fit.Fit"


def python_source(analysis: Analysis, deployed: bool = True) -> str:
    """A Python file that needs torch and safetensors only, and holds the network of a sound graph as one class.

    `deployed`: it takes images of any size in real units, as the exported ONNX does; otherwise images that were fitted
    already. Augmentation is left out. Raises GraphError with every problem of an unsound graph.
    """
    return _Printer(analysis, deployed).text()


class _Printer:
    def __init__(self, analysis: Analysis, deployed: bool) -> None:
        self.analysis = analysis
        self.plan = plan_of(analysis, deployed=True)
        self.contract: Contract = contract_of(analysis)
        self.names = identifiers(analysis.graph)
        self.fits = [entry if deployed and entry.rule else None for entry in self.contract.inputs]
        targets = [work.call.target for work in self.plan.work] + [_FIT] * any(self.fits)
        self.copied: Copied = copied(target for target in targets if target.startswith("runtime.modules."))
        self.variables = {place: self._variable(place) for work in self.plan.work for place in work.gives}
        self.variables |= {place: self._safe(self.names[place[0]]) for place in self.plan.feeds}

    def text(self) -> str:
        parts = [
            "\n\n".join([_HEAD, *_import_lines({*_IMPORTS, *self.copied.imports})]),
            *self.copied.definitions,
            "\n".join(["class Network(nn.Module):", *_indented(self._body(), 4)]),
            "\n".join(self._main()),
            'if __name__ == "__main__":\n    main()',
        ]
        return "\n\n\n".join(parts) + "\n"

    def _variable(self, place: Place) -> str:
        node, port = place
        outputs = self.analysis.facts[node].outputs
        name = self.names[node]
        return self._safe(name if len(outputs) == 1 else f"{name}_{port}")

    def _safe(self, name: str) -> str:
        return f"{name}_" if name in self.copied.names else name

    def _body(self) -> list[str]:
        inputs = [_item(entry.name, _describe_input(entry)) for entry in self.contract.inputs]
        outputs = [_item(entry.name, _describe_output(entry)) for entry in self.contract.outputs]
        lines = ['"""Takes:', *inputs, "", "Gives raw scores from `forward`, answers from `predict`:", *outputs, '"""']
        return [*lines, "", *self._init(), "", *self._forward(), "", *self._predict(), "", *_LOAD]

    def _init(self) -> list[str]:
        lines = ["super().__init__()"]
        for entry, node_id in zip(self.fits, self.plan.inputs, strict=True):
            if entry is not None:
                made = _call("Fit", _arguments({"size": entry.size, "rule": entry.rule}))
                lines += [f"self.{_fit_name(self.names[node_id])} = {made}"]
        for work in self.plan.work:
            if not work.call.is_function:
                made = _call(_spelling(work.call), _arguments(work.call.arguments))
                lines += f"self.{self.names[work.node]} = {made}".split("\n")
        return ["def __init__(self) -> None:", *_indented(lines, 4)]

    def _forward(self) -> list[str]:
        lines = []
        for entry, node_id, place in zip(self.fits, self.plan.inputs, self.plan.feeds, strict=True):
            if entry is not None:
                name = self.variables[place]
                lines.append(self._noted(f"{name} = self.{_fit_name(self.names[node_id])}({name})", place))
        work = {entry.node: entry for entry in self.plan.work}
        for node_id in self.analysis.order:
            if node_id in work:
                lines += self._step(work[node_id])
            elif node_id in self.plan.left_out:
                name = _one_line(self.analysis.graph.nodes[node_id].name)
                lines.append(f"# “{name}” acts in training only and is left out here.")
        lines.append(f"return {', '.join(self.variables[place] for place in self.plan.outputs.values())}")
        given = ", ".join(f"{self.variables[place]}: Tensor" for place in self.plan.feeds)
        return [f"def forward(self, {given}) -> {self._answer()}:", *_indented(lines, 4)]

    def _answer(self) -> str:
        count = len(self.plan.outputs)
        return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"

    def _step(self, work: Work) -> list[str]:
        inputs = [self.variables[place] for place in work.takes]
        given = [f"[{', '.join(inputs)}]"] if work.call.listed else inputs
        if work.call.is_function:
            made = _call(_spelling(work.call), [*given, *_arguments(work.call.arguments)])
        else:
            made = _call(f"self.{self.names[work.node]}", given)
        results = ", ".join(self.variables[place] for place in work.gives)
        *before, last = f"{results} = {made}".split("\n")
        return [*before, self._noted(last, work.gives[0])]

    def _noted(self, line: str, place: Place) -> str:
        value = self.analysis.facts[place[0]].outputs[place[1]].value
        return f"{line}  # {spelled(value)}" if isinstance(value, tuple) else line

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
        return [f"def predict(self, {given}) -> {self._answer()}:", *_indented(lines, 4)]

    def _main(self) -> list[str]:
        lines = ['"""Try the network: python FILE.py [WEIGHTS.safetensors]"""', "network = Network()"]
        lines += ["if len(sys.argv) > 1:", "    network.load(sys.argv[1])", "inputs = ["]
        lines += [f"    torch.zeros({_numbers((1, entry.channels, *entry.size))})," for entry in self.contract.inputs]
        lines += ["]", "answers = network.predict(*inputs)"]
        if len(self.contract.outputs) == 1:
            lines.append("answers = (answers,)")
        lines.append("for name, answer in zip(OUTPUTS, answers):")
        lines.append('    print(name, tuple(answer.shape), OUTPUTS[name] or "")')
        table = [f"    {_literal(entry.name)}: {_literal(entry.classes)}," for entry in self.contract.outputs]
        head = ["# The names of the outputs and of their classes, in order.", "OUTPUTS = {", *table, "}"]
        return [*head, "", "", "def main() -> None:", *_indented(lines, 4)]


def _spelling(call: Call) -> str:
    if call.target.startswith("runtime.modules."):
        return call.target.rpartition(".")[2]
    return f"nn.{call.target.removeprefix('torch.nn.')}" if call.target.startswith("torch.nn.") else call.target


def _call(name: str, parts: Sequence[str]) -> str:
    line = f"{name}({', '.join(parts)})"
    if len(line) <= _WIDE - 40:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def _arguments(arguments: Any) -> list[str]:
    return [f"{name}={_literal(value)}" for name, value in arguments.items()]


def _literal(value: object) -> str:
    """A value as Python source; refuses what has no literal, such as an object."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, str):
        return f'"{value}"' if value.isprintable() and not {'"', "\\"} & set(value) else repr(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise ValueError(f"{value!r} cannot be printed as source")


def _describe_input(entry: InputContract) -> str:
    shape = f"N×{entry.channels}×{spelled(entry.size)}" if entry.size else f"N×{entry.channels}"
    if entry.rule is None:
        return f"float32, {shape}."
    fitted = f"brought to {spelled(entry.size)} pixels ({entry.rule})"
    return f"float32, N×{entry.channels}×any size, {fitted}; {_one_line(entry.units)}."


def _describe_output(entry: OutputContract) -> str:
    classes = f", classes {', '.join(map(_one_line, entry.classes))}" if entry.classes else ""
    return f"{entry.task or 'numbers'}, N×{spelled(entry.shape)}, {entry.activation}{classes}."


def _item(name: str, says: str) -> str:
    return textwrap.fill(f"- {_one_line(name)}: {says}", 100, subsequent_indent="  ", break_long_words=False)


def _one_line(text: str) -> str:
    """A user's text that may stand in a comment or a docstring: one line, no quotes or backslashes that end it."""
    shown = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return shown.replace("\\", "/").replace('"', "'")


def _numbers(sizes: Iterable[int]) -> str:
    return ", ".join(map(str, sizes))


def _fit_name(name: str) -> str:
    return f"_fit_{name}"


def _indented(lines: Iterable[str], by: int) -> list[str]:
    return [" " * by + line if line else "" for whole in lines for line in whole.split("\n")]


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
_ACTIVATIONS = {"identity": "{}", "sigmoid": "torch.sigmoid({})", "softmax": "torch.softmax({}, 1)"}
_LOAD = [
    "def load(self, path: str) -> Network:",
    '    """Take the trained weights from a safetensors file. Raises KeyError when one is missing."""',
    "    weights = load_file(path)",
    "    self.load_state_dict({name: weights[name] for name in self.state_dict()})",
    "    return self",
]
