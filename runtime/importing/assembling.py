"""Sheets put together as a drawing of this program, with weights under the names that its network will have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from runtime.document import Document
from runtime.graph import MAIN, Graph, Training, Wire, use_of
from runtime.importing.drafting import Drafts
from runtime.importing.imported import Array, Imported, Left
from runtime.importing.layers import Foreign, Solver
from runtime.importing.main_sheet import MainSheet
from runtime.importing.preparing import prepared
from runtime.importing.sheets import Sheet, renamed, spread_out
from runtime.importing.weights import weights_of

_INITIAL = "Initializer"


def assembled(foreign: Foreign, name: str, parameters: Mapping[str, Array] | None = None) -> Imported:
    """The drawing of a file, and its weights where the file has them. Raises ImportRefused."""
    left = [*foreign.left]
    main = MainSheet(foreign, prepared(foreign, left))
    sheet = main.draw()
    document = Document()
    with document.edit(f"Import {name}"):
        builder = _Builder(document, main.drafts)
        builder.sheet(sheet, MAIN)
        document.train_with(_training(foreign))
    graph = document.graph()
    left += [renamed(one, builder.ids[MAIN]) for one in sheet.left]
    left += builder.left
    left += _told_once(foreign)
    weights, misfits = weights_of(graph, builder.parameters, parameters or {})
    taken = (*_taken(foreign, graph, weights), *foreign.taken, *main.taken)
    return Imported(graph, foreign.source, weights, taken, tuple(dict.fromkeys((*left, *misfits))))


class _Builder:
    """Puts sheets into a document; blocks come before what uses them."""

    def __init__(self, document: Document, drafts: Drafts) -> None:
        self.document = document
        self.drafts = drafts
        self.blocks: dict[str, str] = {}  # title -> id
        self.ids: dict[str, dict[str, str]] = {}  # sheet -> key -> node
        self.parameters: dict[str, Mapping[str, str]] = {}  # node -> its tensors -> those of the file
        self.left: list[Left] = []

    def sheet(self, sheet: Sheet, place: str) -> None:
        """Add the nodes and wires of a sheet."""
        ids = self.ids.setdefault(place, {})
        positions = spread_out(sheet.nodes)
        for drawn in sheet.nodes:
            kind = use_of(self._block(drawn.use)) if drawn.use else drawn.kind
            node = self.document.add(kind, drawn.name, positions[drawn.key], dict(drawn.settings), place)
            ids[drawn.key] = node
            if drawn.parameters:
                self.parameters[node] = drawn.parameters
        uses = {drawn.key: self.blocks[drawn.use] for drawn in sheet.nodes if drawn.use}
        for (source, output), (target, entry) in sheet.wires:
            if source in ids and target in ids:
                wire = Wire(ids[source], self._port(uses, source, output), ids[target], self._port(uses, target, entry))
                self.document.connect(wire)

    def _port(self, uses: Mapping[str, str], key: str, port: str) -> str:
        """A port of a use is a node on the block's sheet."""
        return self.ids[uses[key]][port] if key in uses else port

    def _block(self, title: str) -> str:
        if title not in self.blocks:
            sheet = self.drafts.blocks[title]
            block = self.document.add_block(title)
            self.blocks[title] = block
            self.sheet(sheet, block)
            self.left += [renamed(one, self.ids[block]) for one in sheet.left]
        return self.blocks[title]


def _training(foreign: Foreign) -> Training:
    training = Training(accumulate=min(foreign.accumulate, 1000), clip=max(0.0, foreign.clip))
    training = replace(training, epochs=min(foreign.epochs, 100_000)) if foreign.epochs > 0 else training
    return replace(training, batch=min(foreign.batch, 100_000)) if foreign.batch > 0 else training


def _told_once(foreign: Foreign) -> Iterable[Left]:
    """What concerns many layers alike is told once."""
    kinds: set[str] = set()
    for net in foreign.nets.values():
        for layer in net.layers.values():
            kinds |= {value for name, value in layer.settings.items() if name.endswith(f".{_INITIAL}") and value}
    if kinds:
        why = "layers begin as those of PyTorch do (He); weights of a file or of another run can be chosen instead."
        yield Left(f"how weights begin ({', '.join(sorted(kinds))})", why)
    files = {
        value for net in foreign.nets.values() for layer in net.layers.values()
        for name, value in layer.settings.items() if name.endswith(".File") and value.strip()
    }  # fmt: skip
    if files:
        why = "files beside the project are not opened; import the .nnp with its weights."
        yield Left(f"weights in {len(files)} files", why)
    data = dict.fromkeys(f"“{one.name}” ({one.place})" for one in foreign.data if one.place)
    if data:
        why = "a file of a network names its data and does not hold them; choose their folder at the image folder."
        yield Left(f"the data {', '.join(data)}", why)


def _solving(solver: Solver) -> dict[str, float]:
    return {**solver.values, **({"weight decay": solver.weight_decay} if solver.weight_decay else {})}


def _taken(foreign: Foreign, graph: Graph, weights: Mapping[str, Array]) -> list[str]:
    own = [node for node in graph.nodes.values() if node.type not in ("comment", "frame")]
    told = [f"{len(own)} nodes on {1 + len(graph.blocks)} sheets." if graph.blocks else f"{len(own)} nodes."]
    if graph.blocks:
        told.append(f"Units and repeats as blocks: {', '.join(block.name for block in graph.blocks.values())}.")
    for solver in foreign.solvers:
        values = ", ".join(f"{name} {value:g}" for name, value in _solving(solver).items())
        way = f", the rate by the schedule “{solver.schedule['schedule']}”" if "schedule" in solver.schedule else ""
        told.append(f"The solver {solver.kind} of “{solver.net}”" + (f" ({values}){way}." if values else f"{way}."))
    epochs = [f"{graph.training.epochs} epochs"] * bool(foreign.epochs)
    if times := epochs + [f"batches of {graph.training.batch}"] * bool(foreign.batch):
        told.append(f"{' in '.join(times).capitalize()}.")
    if foreign.clip > 0:
        told.append(f"Gradients cut to a length of {foreign.clip:g}.")
    if weights:
        count = sum(array.size for array in weights.values())
        told.append(f"Weights: {len(weights)} tensors with {count:,} numbers, which training begins with.")
    return told
