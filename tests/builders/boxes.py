"""Boxes drawn at random, as networks answer them and as data hold them."""

from __future__ import annotations

import numpy as np


def drawn_boxes(seed: int, cases: int = 8, classes: int = 3, most: int = 6, false: int = 10):
    """True boxes (cases, M, 5) and found ones (cases, K, 6): true ones shifted a little, and others at random."""
    random = np.random.default_rng(seed)
    true = np.full((cases, most, 5), 0.0)
    true[..., 0] = -1
    found = np.zeros((cases, most + false, 6))
    found[..., 5] = -1
    for case in range(cases):
        count = int(random.integers(0, most + 1))
        corners = random.uniform(0, 80, (count, 2))
        true[case, :count] = np.c_[
            random.integers(0, classes, count), corners, corners + random.uniform(5, 30, (count, 2))
        ]
        near = true[case, :count, 1:] + random.normal(0, 2.5, (count, 4))
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        far = random.uniform(0, 80, (false, 2))
        others = np.c_[far, far + random.uniform(5, 30, (false, 2))]
        kinds = np.where(random.random(count) < 0.8, true[case, :count, 0], random.integers(0, classes, count))
        kinds = np.r_[kinds, random.integers(0, classes, false)]
        found[case, : count + false] = np.c_[np.r_[near, others], random.random(count + false).round(2), kinds]
    return true, found
