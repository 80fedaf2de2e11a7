"""The embedding: indexes of words or codes become lists of learned features."""

from __future__ import annotations

from nodes.shapes import sensible
from nodes.spec import Call, Category, Port, Shape, module, setting
from nodes.trained import Trained


class Embedding(
    Trained, id="embedding", title="Embedding", category=Category.DENSE,
    words="lookup table word token vocabulary code category index vector",
):  # fmt: skip
    """Looks up a learned list of features for each index of a sequence, such as the words of a report or codes of
    diagnoses. The features become the channels of a 1-D signal.

    Use it first where a sequence holds whole numbers from 0 to one less than the entries; what lies beyond counts as
    the last entry, what lies below 0 as the first. Term: embedding (Bengio et al., A neural probabilistic language
    model, 2003).
    """

    inputs = (Port("indexes", rank=(1,), help="A list of whole numbers, each the place of an entry, from 0."),)
    example = ((6,),)

    count: int = setting(
        1000, "How many different indexes there are.", label="Entries (vocabulary size)", low=1, high=10_000_000,
        brief=True,
    )  # fmt: skip
    features: int = setting(
        64, "How many numbers are learned for each entry.", label="Features", low=1, high=65_536, brief=True
    )

    def infer(self, indexes: Shape) -> Shape:
        return sensible((self.features, *indexes), self.parameters(indexes))

    def call(self, indexes: Shape) -> Call:
        return module("runtime.modules.embedding.Embedding", num_embeddings=self.count, embedding_dim=self.features)

    def parameters(self, indexes: Shape) -> int:
        return self.count * self.features
