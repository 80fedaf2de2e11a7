"""The map of one case: what of an image or a signal speaks for an answer, beside what random weights show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.compile import Deployed, Network, compile_graph
from runtime.data.one_case import Case, CaseReader, Wanted
from runtime.delivery.answers import answer_of
from runtime.errors import RunError
from runtime.looking.explained import Explained
from runtime.looking.heat import overlaid, picture, side_by_side, strongest_slice
from runtime.looking.method_names import TITLES, Method, shows
from runtime.looking.methods import explained_for, gradcam_node, method_map
from runtime.looking.naming import listed, node_called
from runtime.looking.record import Record
from runtime.looking.sanity import Sanity, check
from runtime.plan import fits_of
from runtime.runs import Run
from runtime.trained import Trained, load_trained

KIND = "map"
RANDOM = 3  # networks with random weights that a map is compared with


@dataclass(frozen=True)
class Explanation:
    """A map (*size) of one case for one class, one of a network with random weights, and how like they are. Of a
    signal `size` is its samples: a map says which moments speak for the class, in all leads together."""

    method: Method
    case: Case
    target: int
    classes: tuple[str, ...]
    predicted: str
    node: str  # whose feature maps Grad-CAM weighed, "" for other methods
    found: NDArray[np.float32]
    random: NDArray[np.float32]
    sanity: Sanity
    notes: tuple[str, ...] = ()

    def record(self) -> Record:
        """As it is written: arrays `image` (C, *size), `map` and `random` (*size)."""
        name = self.classes[self.target]
        facts: dict[str, Any] = {
            "method": self.method, "title": TITLES[self.method], "case": self.case.key, "number": self.case.number,
            "cases": self.case.cases, "class": name, "classes": list(self.classes), "predicted": self.predicted,
            "truth": self.case.truth, "node": self.node,
            "shows": shows(self.method, self.case.image.ndim == 2).format(target=name, node=self.node),
            "sanity": asdict(self.sanity), "notes": list(self.notes),
        }  # fmt: skip
        return Record(KIND, facts, {"image": self.case.image, "map": self.found, "random": self.random})


class Explainer:
    """Explains what the best epoch of a run answers to cases of its data, or of another folder; loaded once."""

    def __init__(self, run: Run, data: Path | None = None) -> None:
        """Raises RunError when the run has no network that can be trusted."""
        self._trained = load_trained(run)
        self._notes = run.job.notes if data is None else ()
        self._cases = CaseReader(self._trained.analysis, data)
        self._random = [randomised(self._trained.network, number) for number in range(RANDOM)]

    def explain(
        self, wanted: Wanted, method: Method, target: str = "", output: str = "", node: str = ""
    ) -> Explanation:
        """`target` names the class (or the number of a value), "" is the one that was answered; `output` names the
        output and `node` whose feature maps Grad-CAM weighs, where there are several. Raises RunError."""
        trained = self._trained
        explained = explained_for(trained.network, method, output)
        case = self._cases.read(explained.source, wanted)
        image = torch.from_numpy(case.image)[None].float()
        with torch.no_grad():
            scores = explained.scores(image)
        place, predicted = _target(explained, trained, scores, target, image)
        notes = _narrowed(explained, scores, place)
        chosen = _weighed(explained, method, node)
        notes += _shifted(explained, chosen)
        own = _as_array(method_map(explained, image, place, method, chosen))
        others = (_asked_alike(network, explained, method) for network in self._random)
        random = [_as_array(method_map(other, image, place, method, chosen)) for other in others]
        title = trained.analysis.title(chosen) if chosen else ""
        return Explanation(
            method, case, place, explained.classes, predicted, title, own, random[0], check(own, random),
            (*trained.warnings, *self._notes, *notes),
        )  # fmt: skip


def explain(
    run: Run,
    wanted: Wanted,
    method: Method,
    target: str = "",
    output: str = "",
    node: str = "",
    data: Path | None = None,
) -> Explanation:
    """Explain one case, of the run's own data or of the folder `data`; see `Explainer`. Raises RunError."""
    return Explainer(run, data).explain(wanted, method, target, output, node)


def randomised(network: Network, number: int) -> Network:
    """The same network with weights drawn anew by torch's rules; `number` tells the draws apart."""
    analysis = network.analysis
    seed = (analysis.graph.training.seed + 1 + number) % 2**31
    graph = replace(analysis.graph, training=replace(analysis.graph.training, seed=seed))
    made = compile_graph(replace(analysis, graph=graph))
    made.eval()
    return made


def sheet(made: Explanation) -> Any:
    """A picture (PIL): image, map, map of random weights, and what they say; of a volume its strongest slice."""
    image, found, random = made.case.image, made.found, made.random
    which = ""
    if found.ndim == 3:
        at = strongest_slice(found)
        which = f", slice {at + 1} of {len(found)}"
        image, found, random = image[:, at], found[at], random[at]
    below = picture(image)
    facts = made.record().facts
    truth = f", the data say “{made.case.truth}”" if made.case.truth else ""
    lines = [
        f"{facts['title']} of {made.case.key}{which}. Answered: “{made.predicted}”{truth}.",
        facts["shows"], made.sanity.sentence, *made.notes, "For research use only.",
    ]  # fmt: skip
    what = "Signal" if image.ndim == 2 else "Image"
    own, other = (overlaid(below, one) for one in (found, random))
    return side_by_side([(what, below), ("Map", own), ("Map with random weights", other)], lines)


def _weighed(explained: Explained, method: Method, name: str) -> str:
    """The id of the node whose feature maps are weighed; "" for methods that weigh none."""
    if method != "gradcam":
        if name:
            raise RunError(f"{TITLES[method]} is about the image itself; only Grad-CAM takes a node.")
        return ""
    return node_called(explained.analysis, name) if name else gradcam_node(explained)


def _shifted(explained: Explained, node: str) -> tuple[str, ...]:
    """That feature maps show another part than the image does, where it was cut or got a margin on the way."""
    if not node:
        return ()
    flow = next(iter(explained.analysis.facts[node].outputs.values()))
    fits = fits_of(explained.analysis, explained.source, flow.geometry.get(explained.source) or ())
    if all(fit.rule == "stretch" or _alike(before.size, fit.size) for before, fit in pairwise(fits)):
        return ()
    return ("The image was cut or got a margin before this node, so the map lies beside what it is about.",)


def _alike(before: Sequence[int], after: Sequence[int]) -> bool:
    """Whether two sizes have the same proportions, so that nothing is cut and no margin is needed."""
    scales = [new / old for old, new in zip(before, after, strict=True)]
    return max(scales) - min(scales) < 1e-6


def _as_array(found: Tensor) -> NDArray[np.float32]:
    return found.numpy().astype(np.float32)


def _asked_alike(network: Network, explained: Explained, method: Method) -> Explained:
    """A network with random weights, asked about the same pixels."""
    other = explained_for(network, method, explained.contract.name)
    if explained.pixels is not None and other.pixels is not None:
        other.pixels.where = explained.pixels.where
    return other


def _target(explained: Explained, trained: Trained, scores: Tensor, target: str, image: Tensor) -> tuple[int, str]:
    """The place of the class that is asked for, and what was answered in words."""
    classes = explained.classes
    with torch.inference_mode():
        answers = Deployed(trained.network)(image)
    given = answers[[output.name for output in trained.contract.outputs].index(explained.contract.name)][0]
    predicted = _spoken(explained, given) or answer_of(explained.contract, given.numpy(), image.shape[2:]).predicted
    if target in classes:
        return classes.index(target), predicted
    if target:
        raise RunError(f"There is no class “{target}”; this output answers {listed(classes)}.")
    return _answered(explained, scores), predicted


def _spoken(explained: Explained, given: Tensor) -> str:
    """Numbers that were answered, to four digits and with their units; "" for other answers."""
    if explained.contract.task != "regression":
        return ""
    numbers = given.flatten().tolist()
    units = explained.contract.units or ("",) * len(numbers)
    return "; ".join(f"{number:.4g} {unit}".strip() for number, unit in zip(numbers, units, strict=True))


def _answered(explained: Explained, scores: Tensor) -> int:
    """The class that was answered; of masks, the one besides the background that most pixels have."""
    flat = scores[0].flatten(1) if scores.dim() > 2 else scores[0][:, None]
    if explained.contract.task not in ("classification", "segmentation", "several labels"):
        return 0
    places = (flat[0] > 0).long() if len(flat) == 1 else flat.argmax(0)
    counts = torch.bincount(places, minlength=len(explained.classes))
    if explained.pixels is not None and int(counts[1:].sum()):
        counts[0] = 0
    return int(counts.argmax())


def _narrowed(explained: Explained, scores: Tensor, place: int) -> tuple[str, ...]:
    count = explained.look_at(scores, place)
    if explained.pixels is None or explained.contract.task != "segmentation":
        if explained.pixels is not None:
            explained.pixels.where = None
        return ()
    name = explained.classes[place]
    if not count:
        return (f"No pixel was answered with “{name}”; the map is about its score in all pixels.",)
    return (f"The map is about the score of “{name}” in the {count} pixels answered so.",)
