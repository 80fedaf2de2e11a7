"""The product of two branches as matrices."""

from __future__ import annotations

import math

from nodes.shapes import sensible
from nodes.spec import Call, Category, HouseRule, NodeType, Port, Shape, Unfit, function, spelled

_MATRICES = (2, 3, 4)


class MatrixProduct(
    NodeType, id="matrix_product", title="Matrix product", category=Category.DENSE,
    words="matmul bmm batch dot product attention query key gram correlation",
):  # fmt: skip
    """Multiplies two branches as matrices: the last two axes are rows and columns, axes before them are gone through
    one by one. The columns of the left must be as many as the rows of the right.

    Use it to build attention by hand (queries times keys), or to compare all features with each other. Term: matrix
    product, Gram matrix (Vaswani et al., 2017; arXiv:1706.03762).
    """

    inputs = (
        Port("left", rank=_MATRICES, help="The left matrix: rows × columns are its last two axes."),
        Port("right", rank=_MATRICES, help="The right matrix, with as many rows as the left has columns."),
    )
    example = ((4, 6), (6, 5))

    def infer(self, left: Shape, right: Shape) -> Shape:
        if len(left) != len(right) or left[:-2] != right[:-2]:
            raise HouseRule(
                f"{spelled(left)} and {spelled(right)} differ before their last two axes, the rows and columns; "
                "bring both to as many axes of one size there, with Reshape or Permute axes."
            )
        if left[-1] != right[-2]:
            raise Unfit(
                f"{spelled(left)} times {spelled(right)} is no matrix product: the left has {left[-1]} columns and the "
                f"right {right[-2]} rows; use Permute axes to swap rows and columns of one of them."
            )
        return sensible((*left[:-1], right[-1]))

    def call(self, left: Shape, right: Shape) -> Call:
        return function("torch.matmul")

    def multiply_adds(self, left: Shape, right: Shape) -> int:
        return math.prod(left) * right[-1]
