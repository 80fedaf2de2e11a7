"""The last hidden layer as a scatter: cases that the network sees as alike lie near each other."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runtime.analysis import Analysis
from runtime.data.one_case import truth_of
from runtime.errors import RunError
from runtime.looking.cases import Seen, cases_of
from runtime.looking.clusters import Clusters, clusters_of
from runtime.looking.explained import Explained
from runtime.looking.naming import node_called
from runtime.looking.record import Record
from runtime.looking.walk import Walk, data_source
from runtime.plan import plan_of
from runtime.runs import Run
from runtime.trained import Trained, load_trained

KIND = "scatter"
SIDE = 48
Layout = Literal["t-sne", "pca"]
_FEWEST = 4
_MOST = 3000  # cases: t-SNE takes minutes from there on
_BEFORE = 50  # principal components that t-SNE is given, as its authors do
_PERPLEXITY = 30.0


def scatter(
    run: Run,
    layout: Layout = "t-sne",
    part: Seen = "validation",
    node: str = "",
    seed: int = 0,
    clusters: int = 0,
) -> Record:
    """Two coordinates for each case of a part, from what leaves the last hidden layer (or the node named); of a network
    that gives back an image, from its code: what leaves its narrowest layer. `clusters` gathers the cases by the same
    numbers into so many groups (`runtime.looking.clusters`); 0 for none.

    t-SNE: van der Maaten and Hinton 2008 (jmlr.org/papers/v9/vandermaaten08a.html), as scikit-learn computes it; PCA:
    the first two principal components. Feature maps count by their means. Arrays: `points` float32 (N, 2), `pictures`
    uint8 (N, 48, 48). Facts: `cases`, `labels` (what the data say), `node`, `explained` (PCA: the share of variance
    of each axis), `clusters` (of each case, from 0; empty without), `silhouette`, `agreement`. Raises RunError.
    """
    trained = load_trained(run)
    analysis = trained.analysis
    node_id = node_called(analysis, node) if node else _usual(trained)
    source = data_source(analysis, node_id)
    cases = cases_of(run, analysis, source, part)
    if len(cases.indexes) < _FEWEST:
        raise RunError(f"The {part} part has {len(cases.indexes)} cases; a scatter needs {_FEWEST}.")
    chosen = _few_enough(cases.indexes, seed)
    walk = Walk(analysis, trained.network, node_id)
    parts = [_numbers(tensor.numpy()) for tensor in walk.batches(source, cases.cached.images, chosen, node_id)]
    values = np.concatenate(parts)
    points, explained = _laid_out(values, layout, seed)
    samples = [cases.dataset.samples[index] for index in chosen]
    labels = [truth_of(sample) for sample in samples]
    known = labels if cases.dataset.label == "class" else []
    facts: dict[str, Any] = {
        "node": analysis.title(node_id), "id": node_id, "layout": layout, "part": part, "of": len(cases.indexes),
        "numbers": values.shape[1], "cases": cases.keys(chosen), "labels": labels,
        "classes": list(cases.dataset.classes), "kind": cases.dataset.label, "explained": explained,
        **_clustered(clusters_of(values, clusters, known, seed) if clusters else None),
    }  # fmt: skip
    return Record(KIND, facts, {"points": points, "pictures": cases.pictures(chosen, SIDE)})


def _clustered(gathered: Clusters | None) -> dict[str, Any]:
    return {
        "clusters": [] if gathered is None else list(gathered.of),
        "silhouette": None if gathered is None else gathered.silhouette,
        "agreement": None if gathered is None else gathered.agreement,
    }


def _few_enough(indexes: tuple[int, ...], seed: int) -> tuple[int, ...]:
    """All of them, or as many as are laid out in a reasonable time, drawn from a seed, in their order."""
    if len(indexes) <= _MOST:
        return indexes
    picked = np.random.default_rng(seed).choice(len(indexes), _MOST, replace=False)
    return tuple(indexes[row] for row in np.sort(picked))


def _usual(trained: Trained) -> str:
    meanings = trained.analysis.meanings.values()
    if any(meaning.task == "image" for meaning in meanings):
        return code_layer(trained.analysis)
    return last_hidden(Explained(trained.network), trained.analysis)


def code_layer(analysis: Analysis) -> str:
    """The node before the output that gives the fewest numbers for an image, and fewer than the image has. Raises
    RunError when there is none: a network without a narrow layer has no code."""
    plan = plan_of(analysis, deployed=True)
    sizes = {step.node: analysis.facts[step.node].values for step in plan.work}
    narrowest = min(sizes, key=lambda node_id: sizes[node_id], default="")
    if not narrowest or sizes[narrowest] >= min(analysis.facts[source].values for source in plan.inputs):
        raise RunError("No layer of this network is narrower than its images; name a node to look at with --node.")
    return narrowest


def last_hidden(explained: Explained, analysis: Analysis) -> str:
    """The node that gives the last trained layer before the scores its input. Raises RunError when there is none."""
    work = {step.node: step for step in explained.plan.work}
    at = explained.place[0]
    while at in work:
        trained = analysis.facts[analysis.shares.get(at, at)].parameters
        before = work[at].takes[0][0]
        if trained:
            if before not in work:
                break
            return before
        at = before
    raise RunError("The network has no hidden layer before its scores; name a node to look at with --node.")


def _numbers(found: NDArray[Any]) -> NDArray[np.float32]:
    """(N, numbers) of an output (N, C, ...); feature maps as the mean of each channel."""
    flat = found.reshape(found.shape[0], found.shape[1], -1).mean(axis=2)
    numbers: NDArray[np.float32] = flat.astype(np.float32)
    return numbers


def _laid_out(values: NDArray[np.float32], layout: Layout, seed: int) -> tuple[NDArray[np.float32], list[float]]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if not values.std(axis=0).max() > 0:
        raise RunError("This layer gives the same for every case, so there is nothing to lay out; choose another node.")
    most = min(_BEFORE, values.shape[1], len(values))
    reduced = PCA(most, random_state=seed).fit(values)
    found = reduced.transform(values)
    if layout == "pca":
        flat = np.pad(found[:, :2], ((0, 0), (0, max(0, 2 - found.shape[1]))))
        return flat.astype(np.float32), [float(share) for share in reduced.explained_variance_ratio_[:2]]
    perplexity = min(_PERPLEXITY, (len(values) - 1) / 3)
    made = TSNE(2, perplexity=perplexity, init="pca" if most > 1 else "random", random_state=seed).fit_transform(found)
    return made.astype(np.float32), []
