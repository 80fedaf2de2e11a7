"""The command that chooses the threshold at which a run calls a case positive."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import WRONG_CALL, Out, Refused, of_the_input
from runtime.cli.run_folders import RunFolder, trained_run
from runtime.evaluation.choosing import Choice, choose
from runtime.evaluation.operating_point import forget_operating_point, load_operating_point
from runtime.evaluation.record import Evaluation

ClassName = Annotated[
    str, typer.Option("--class", help="The class or label to be found; of two classes the positive one unless told.")
]
At = Annotated[float | None, typer.Option(min=0.0, max=1.0, help="This probability.")]
Sensitivity = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, help="Find at least this share of them, and spare as many others.")
]
Specificity = Annotated[
    float | None, typer.Option(min=0.0, max=1.0, help="Spare at least this share of the others, and find as many.")
]
Youden = Annotated[bool, typer.Option("--youden", help="The greatest sum of sensitivity and specificity.")]
Forget = Annotated[bool, typer.Option("--forget", help="Go back to the most probable class.")]


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command("operating-point")(operating_point)


def operating_point(
    run: RunFolder,
    of_class: ClassName = "",
    at: At = None,
    sensitivity: Sensitivity = None,
    specificity: Specificity = None,
    youden: Youden = False,
    forget: Forget = False,
    as_json: AsJson = False,
) -> None:
    """Choose the probability from which on a case is called positive, by the validation part; kept in the run folder.

    Without a choice it says which one is kept. It counts for the best epoch as it is now.
    """
    out, folder = Out(as_json), trained_run(run).folder
    wishes = [at is not None, sensitivity is not None, specificity is not None, youden, forget]
    if sum(wishes) > 1:
        said = "One of --at, --sensitivity, --specificity, --youden and --forget fits, not several."
        raise Refused(said, code=WRONG_CALL)
    if forget:
        forget_operating_point(folder)
    elif any(wishes):
        with of_the_input():
            record = _validated(run)
            choose(folder, record, _choice(of_class, at, sensitivity, specificity))
    _tell(out, run)


def _choice(name: str, at: float | None, sensitivity: float | None, specificity: float | None) -> Choice:
    if at is not None:
        return Choice(name, "user", at)
    if sensitivity is not None:
        return Choice(name, "sensitivity", sensitivity)
    return Choice(name, "youden") if specificity is None else Choice(name, "specificity", specificity)


def _validated(run: RunFolder) -> Evaluation:
    """What the best epoch answers for the validation part."""
    from runtime.evaluation.evaluate import evaluate

    return evaluate(trained_run(run), "validation")


def _tell(out: Out, run: RunFolder) -> None:
    point = load_operating_point(trained_run(run).folder)
    if point is None:
        out.say("No operating point is chosen: the most probable class is taken.")
    for name, threshold in point.thresholds.items() if point else ():
        out.say(f"{name} from a probability of {threshold:.4g} on ({point.rule if point else ''}).")
    out.result({"operating_point": None if point is None else asdict(point)})
