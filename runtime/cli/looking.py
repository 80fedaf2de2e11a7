"""Commands that look inside a trained run: explain, features, kernels, strongest, scatter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import WRONG_CALL, Out, Refused, of_the_input, writing
from runtime.cli.run_folders import RunFolder, trained_run
from runtime.data.wording import counted

if TYPE_CHECKING:
    from runtime.data.one_case import Wanted
    from runtime.looking.record import Record
    from runtime.runs import Run

Case = Annotated[
    str,
    typer.Option("--case", help="Which case: its number, from 0, or its file as predictions name it."),
]
Other = Annotated[
    Path | None, typer.Option("--data", help="The case is one of this folder, instead of the run's own data.")
]
Node = Annotated[str, typer.Option("--node", help="The node, by its name or id.")]
Part = Annotated[
    Literal["validation", "train"], typer.Option("--part", help="Whose cases; the test part stays sealed.")
]
Picture = Annotated[Path, typer.Option("--out", help="A picture (.png), or the numbers (.npz, .json).", readable=False)]
Numbers = Annotated[Path, typer.Option("--out", help="Where to write the numbers (.npz, .json).", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    for command in (explain, features, kernels, strongest, scatter):
        app.command()(command)


def explain(
    run: RunFolder,
    case: Case,
    out: Picture,
    method: Annotated[
        Literal["gradcam", "occlusion", "gradients", "relevance"], typer.Option("--method", help="How the map is made.")
    ] = "gradcam",
    target: Annotated[str, typer.Option("--class", help="The class to explain; the one answered unless given.")] = "",
    output: Annotated[str, typer.Option("--output", help="Which output, by its name, where there are several.")] = "",
    node: Annotated[str, typer.Option("--node", help="For Grad-CAM: whose feature maps; the last unless given.")] = "",
    data: Other = None,
    as_json: AsJson = False,
) -> None:
    """Show which pixels of a case speak for an answer, beside what random weights would show."""
    _fits(out, ".png", ".npz", ".json")
    from runtime.looking.explain import explain as explained
    from runtime.looking.explain import sheet

    with of_the_input():
        made = explained(trained_run(run), _wanted(case), method, target, output, node, data)
    talk = Out(as_json)
    record = made.record()
    _write(record, out, lambda: sheet(made))
    name = record.facts["class"]
    talk.say(f"{out}: {record.facts['title']} of {made.case.key} for “{name}”; answered was “{made.predicted}”.")
    talk.say(made.sanity.sentence)
    talk.warn(*made.notes)
    talk.result(record.as_dict())


def features(
    run: RunFolder, case: Case, node: Node, out: Picture, data: Other = None, as_json: AsJson = False
) -> None:
    """Show what leaves a node for a case, channel by channel."""
    _fits(out, ".png", ".npz", ".json")
    from runtime.looking.features import feature_maps, sheet

    with of_the_input():
        record = feature_maps(_with_data(run, data), _wanted(case), node, data)
    _write(record, out, lambda: sheet(record))
    channels = counted(record.facts["channels"], "channel")
    _told(record, as_json, f"{out}: {channels} of “{record.facts['node']}” for {record.facts['case']}.")


def kernels(run: RunFolder, node: Node, out: Picture, as_json: AsJson = False) -> None:
    """Show the kernels that a convolution learned."""
    _fits(out, ".png", ".npz", ".json")
    from runtime.looking.features import kernels as learned
    from runtime.looking.features import sheet

    with of_the_input():
        record = learned(trained_run(run), node)
    _write(record, out, lambda: sheet(record))
    _told(record, as_json, f"{out}: {counted(record.facts['shown'], 'kernel')} of “{record.facts['node']}”.")


def strongest(
    run: RunFolder,
    node: Node,
    channel: Annotated[int, typer.Option("--channel", min=0, help="Which channel of the node, from 0.")],
    out: Numbers,
    part: Part = "validation",
    as_json: AsJson = False,
) -> None:
    """Find the cases that excite one channel of a node most."""
    _fits(out, ".npz", ".json")
    from runtime.looking.strongest import strongest as found

    with of_the_input():
        record = found(_with_data(run), node, channel, part)
    _write(record, out)
    _told(record, as_json, f"Channel {channel} of “{record.facts['node']}” is excited most by:", *record.facts["cases"])


def scatter(
    run: RunFolder,
    out: Numbers,
    layout: Annotated[Literal["t-sne", "pca"], typer.Option("--layout", help="How two axes are made.")] = "t-sne",
    part: Part = "validation",
    node: Annotated[str, typer.Option("--node", help="The node; the last hidden layer unless given.")] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same points.")] = 0,
    clusters: Annotated[
        int, typer.Option("--clusters", min=0, help="Gather the cases into so many clusters (k-means); 0 for none.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Lay cases out so that those that the network sees as alike lie near each other."""
    _fits(out, ".npz", ".json")
    from runtime.looking.scatter import scatter as laid_out

    with of_the_input():
        record = laid_out(_with_data(run), layout, part, node, seed, clusters)
    _write(record, out)
    said = f"{out}: {counted(len(record.facts['cases']), 'case')} by “{record.facts['node']}”."
    _told(record, as_json, said, *_clusters(record.facts))


def _clusters(facts: Mapping[str, Any]) -> Iterator[str]:
    """How large the clusters are, and how good."""
    if not facts["clusters"]:
        return
    sizes = Counter(facts["clusters"])
    yield "; ".join(f"cluster {place + 1}: {counted(sizes[place], 'case')}" for place in sorted(sizes)) + "."
    yield f"Silhouette {facts['silhouette']:.2f} (1: far apart, 0: they run into each other)."
    if facts["agreement"] is not None:
        yield f"Agreement with the classes {facts['agreement']:.2f} (adjusted Rand index: 1 the same, 0 chance)."


def _with_data(run: Path, data: Path | None = None) -> Run:
    """The run, whose own data are read unless others are named: it is told where the project's stand in for them."""
    found = trained_run(run)
    if data is None:
        Out().warn(*found.job.notes)
    return found


def _wanted(case: str) -> Wanted:
    return int(case) if case.isascii() and case.isdigit() else case


def _fits(out: Path, *endings: str) -> None:
    if out.suffix.casefold() not in endings:
        fit = ", ".join(endings)
        raise Refused(f"{out.name} ends in “{out.suffix}”; a name that ends in {fit} fits.", code=WRONG_CALL)


def _write(record: Record, out: Path, picture: Callable[[], Any] | None = None) -> None:
    from runtime.looking.record import write_record

    with writing(out), of_the_input():
        if picture is not None and out.suffix.casefold() == ".png":
            picture().save(out)
        else:
            write_record(record, out)


def _told(record: Record, as_json: bool, *lines: str) -> None:
    talk = Out(as_json)
    talk.say(*lines)
    talk.result(record.as_dict())
