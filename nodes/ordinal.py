"""Ordered classes: grades, stages and scores, of which one is nearer to its neighbours than to the others."""

from __future__ import annotations

from nodes.judged import scores_fit
from nodes.roles import Metric
from nodes.shapes import sensible
from nodes.spec import Call, Category, HouseRule, Kind, Port, Shape, Target, Values, module, setting
from nodes.trained import Trained


class OrderedClasses(
    Trained, id="ordinal_scale", title="Ordinal scale", category=Category.DENSE,
    words="ordinal ordered grade stage score severity proportional odds cumulative threshold birads kellgren",
):  # fmt: skip
    """Turns one number into scores for grades, stages or degrees of severity: classes that have an order. Between two
    neighbours lies a learned threshold on the scale of that number.

    Put Dense with 1 output before it and Cross-entropy behind it, as for other classes. A case on the border of grade 2
    is then grade 1 or 3 at worst, never 5. The order is that of the class names, as the Data page lists them: name them
    so that they sort from the lowest to the highest. Term: proportional odds or cumulative logit model (McCullagh,
    1980; doi:10.1111/j.2517-6161.1980.tb01109.x).
    """

    inputs = (Port("number", rank=(1,), help="One number; put Dense with 1 output before it."),)
    example = ((1,),)

    classes: int = setting(3, "How many classes there are.", low=2, high=1000, brief=True)

    def infer(self, number: Shape) -> Shape:
        if number[0] != 1:
            raise HouseRule(
                f"Ordered classes lie along one number, and {number[0]} came; use Dense with 1 output before."
            )
        return sensible((self.classes,), self.parameters(number))

    def call(self, number: Shape) -> Call:
        return module("runtime.modules.ordinal.OrderedClasses", classes=self.classes)

    def parameters(self, number: Shape) -> int:
        return self.classes - 1


class WeightedKappa(
    Metric, id="weighted_kappa", title="Weighted kappa", words="quadratic cohen agreement ordinal grade rater qwk"
):
    """How well grades agree, beyond what chance would give: 1 is perfect, 0 is chance, below 0 is worse than chance. An
    error counts with the square of the grades it is off, so that one grade matters little and three matter much.

    The classes must have an order, which is that of their names; it is usual for comparing readers with each other.
    Where only one class is there and predicted, it is not defined. Term: Cohen's kappa with quadratic weights (Cohen,
    1968; doi:10.1037/h0026256).
    """

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "mask")))
    bounds = (-1.0, 1.0)
    example = ((3,), Target("class", (), ("grade 1", "grade 2", "grade 3"), (40, 40, 20)))

    def infer(self, prediction: Shape, target: Target) -> Values:
        scores_fit(prediction, target, one=True)
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.metrics.WeightedKappa", classes=len(target.classes))
