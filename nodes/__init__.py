"""The node types. Importing this package registers every one of them."""

from nodes import (
    activation,
    blocks,
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
    remarks,
    reshape,
    roles,
    sources,
)

__all__ = [
    "activation",
    "blocks",
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
    "remarks",
    "reshape",
    "roles",
    "sources",
]
