"""The node types. Importing this package registers every one of them."""

from nodes import (
    activation,
    convolution,
    dense,
    merge,
    normalization,
    pooling,
    regularization,
    reshape,
    roles,
)

__all__ = [
    "activation",
    "convolution",
    "dense",
    "merge",
    "normalization",
    "pooling",
    "regularization",
    "reshape",
    "roles",
]
