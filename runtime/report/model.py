"""The section on the model: what it takes and gives, its drawing, its layers, its size."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nodes.spec import Category
from runtime.analysis import Analysis
from runtime.delivery.contract import InputContract, OutputContract, contract_of
from runtime.graph import MAIN, Graph
from runtime.report.gathering import Gathered
from runtime.report.section import Section


def model_section(found: Gathered) -> Section:
    """What the trained network is."""
    analysis = found.analysis
    contract = contract_of(analysis)
    facts = {
        "inputs": [_taken(entry) for entry in contract.inputs],
        "outputs": [_given(entry) for entry in contract.outputs],
        "parameters": analysis.parameters,
        "multiply_adds": analysis.multiply_adds,
        "initial_weights": "those of another run or file" if found.run.job.training.weights_from else "random",
        "layers": _layers(analysis),
        "drawing": _sheets(analysis),
    }
    return Section("model", "Model", facts)


def _taken(entry: InputContract) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name != "tensor"}


def _given(entry: OutputContract) -> dict[str, Any]:
    wanted = ("name", "task", "activation", "classes", "shape")
    return {name: value for name, value in asdict(entry).items() if name in wanted}


def _layers(analysis: Analysis) -> list[dict[str, Any]]:
    rows = []
    for node_id in analysis.order:
        facts = analysis.facts[node_id]
        if facts.type is None:
            continue
        rows.append(
            {
                "name": analysis.title(node_id),
                "type": facts.type.title,
                "settings": facts.type.summary(),
                "shape": [*facts.shape] if facts.shape else None,
                "parameters": facts.parameters,
                "frozen": facts.frozen if facts.parameters else False,
            }
        )
    return rows


def _sheets(analysis: Analysis) -> list[dict[str, Any]]:
    """The drawing as its author drew it: the main sheet, and one for each block."""
    drawn = analysis.drawn
    blocks = [(block.id, block.name) for block in drawn.blocks.values()]
    return [_sheet(analysis, drawn, sheet, title) for sheet, title in [(MAIN, ""), *blocks]]


def _sheet(analysis: Analysis, drawn: Graph, sheet: str, title: str) -> dict[str, Any]:
    nodes = []
    for node_id, node in drawn.on(sheet).items():
        kind = drawn.find(node.type)
        if kind is None or kind.category is Category.REMARK:
            continue
        known = analysis.facts.get(node_id)
        read = known.type if known is not None and known.type is not None else kind.read(node.settings)[0]
        nodes.append(
            {
                "id": node_id,
                "name": node.name,
                "family": kind.category.name.lower(),
                "letter": kind.category.letter,
                "settings": read.summary(),
                "shape": [*known.shape] if known is not None and known.shape else None,
                "place": [*node.position],
            }
        )
    shown = {node["id"] for node in nodes}
    wires = [[wire.source, wire.target] for wire in drawn.wires if wire.source in shown and wire.target in shown]
    return {"title": title, "nodes": nodes, "wires": wires}
