"""From what a network answers to the numbers to learn, in their own units."""

from __future__ import annotations

from nodes.spec import Call, Category, NodeType, Port, Shape, module


class InUnits(
    NodeType, id="in_units", title="Numbers in units", category=Category.DENSE,
    words="regression scale target standardise denormalise inverse transform mean spread age size bone",
):  # fmt: skip
    """Brings answers around 0 to the size of the numbers to learn: times the spread (standard deviation) of the number,
    plus its mean. Both are those of the training part, learned before the first epoch and kept with the model.

    Put it between the last Dense and the loss of a regression. The network then begins with the mean as its answer,
    instead of learning for many epochs that an age is about 120 months and not 0; the answers of the exported model are
    in the unit of the numbers. Term: standardised targets.
    """

    inputs = (Port("answer", rank=(1,), help="What Dense gives: one value for each number to learn."),)
    example = ((2,),)

    def infer(self, answer: Shape) -> Shape:
        return answer

    def call(self, answer: Shape) -> Call:
        return module("runtime.modules.prepare.InUnits", numbers=answer[0])
