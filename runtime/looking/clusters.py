"""Cases gathered into clusters by the numbers that a layer gives them: groups to look at, found without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.errors import RunError

_STARTS = 10  # of k-means, of which the best is taken
_MOST_JUDGED = 2000  # cases that the silhouette is taken of


@dataclass(frozen=True, slots=True)
class Clusters:
    """`of` (N,) the cluster of each case from 0, the largest first; `silhouette` from -1 to 1, how much nearer cases
    lie to their own cluster than to the next; `agreement` with the labels: 1 is the same groups, 0 no more than chance.
    """

    of: tuple[int, ...]
    silhouette: float
    agreement: float | None  # None without labels


def clusters_of(values: NDArray[np.float32], count: int, labels: Sequence[str] = (), seed: int = 0) -> Clusters:
    """Gather cases with `values` (N, numbers) into `count` clusters by k-means (Lloyd 1982,
    doi:10.1109/TIT.1982.1056489; begun as k-means++), and say how well: silhouette (Rousseeuw 1987,
    doi:10.1016/0377-0427(87)90125-7), and the
    adjusted Rand index with the labels (Hubert and Arabie 1985, doi:10.1007/BF01908075).

    Each number counts as it is, not by its spread. Raises RunError for fewer than two clusters, or where there are not
    as many different cases as clusters, and one more.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    different = len(np.unique(values, axis=0))
    if not 2 <= count < different:
        raise RunError(
            f"{count} clusters were asked for; of {different} cases that differ, 2 to {different - 1} can be made."
            if different > 2
            else f"Only {different} of the cases differ, which makes no clusters; choose another node or part."
        )
    found = KMeans(count, n_init=_STARTS, random_state=seed).fit_predict(values)
    order = np.argsort(-np.bincount(found, minlength=count), kind="stable")
    places = np.argsort(order)[found]
    judged = min(len(values), _MOST_JUDGED)
    silhouette = silhouette_score(values, places, sample_size=judged, random_state=seed)
    agreement = float(adjusted_rand_score(labels, places)) if len(set(labels)) > 1 else None
    return Clusters(tuple(int(place) for place in places), float(silhouette), agreement)
