"""The node types. Importing this package registers every one of them."""

from nodes import (
    activation,
    convolution,
    dense,
    losses,
    merge,
    metrics,
    normalization,
    optimizers,
    pooling,
    preparation,
    regularization,
    reshape,
    roles,
    sources,
)

__all__ = [
    "activation",
    "convolution",
    "dense",
    "losses",
    "merge",
    "metrics",
    "normalization",
    "optimizers",
    "pooling",
    "preparation",
    "regularization",
    "reshape",
    "roles",
    "sources",
]
