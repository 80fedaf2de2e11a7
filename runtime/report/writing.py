"""The report as a page (HTML) and the model card (JSON): the same facts, in the order of CLAIM, without identifiers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import resources
from runtime.delivery.contract import USE
from runtime.errors import RunError
from runtime.report.curves import agreement, answer_curves, box_curves, learning_curves
from runtime.report.data import data_section, flow_section, partitions_section, reference_section
from runtime.report.diagrams import drawing, flow_diagram
from runtime.report.frame import discussion_section, purpose_section, reproducing_section, summary_section
from runtime.report.gathering import Gathered, gathered
from runtime.report.model import model_section
from runtime.report.performance import evaluation_section, failures_section, performance_section
from runtime.report.privacy import identifiers_here, identifiers_in, without
from runtime.report.section import Section
from runtime.report.training import training_section
from runtime.report.words import duration, measure, number, part, setting
from runtime.runs import Run
from runtime.store import write_safely

FORMAT = 1
CARD = "model_card.json"


@dataclass(frozen=True, slots=True)
class Report:
    """The sections of a run's report, free of identifiers."""

    sections: tuple[Section, ...]

    def card(self) -> dict[str, Any]:
        """As model_card.json holds it; docs/model-card.md tells what stands where."""
        return {"format": FORMAT, "use": USE, **{one.key: dict(one.facts) for one in self.sections}}

    def page(self) -> str:
        """As report.html: one file that needs no other, and no script."""
        return _environment().get_template("page.html").render(sections=self.sections, use=USE)


def report_of(run: Run, statements: Mapping[str, str] | None = None, pictures: bool = False) -> Report:
    """The report of a trained run; `statements` are what its author wrote, by the keys of `STATEMENTS`. With `pictures`
    the worst cases are shown, which may tell who somebody is.

    Raises RunError when the run has no checkpoint yet, or a file of it is damaged.
    """
    found = gathered(run, statements or {})
    private = identifiers_here(run.folder, run.folder.parent)
    if found.data is not None:
        private |= identifiers_in(found.data.dataset, found.data.catalogue)
    sections = _sections(found, pictures)
    return Report(tuple(replace(one, facts=without(one.facts, private)) for one in sections))


def write_report(report: Report, out: Path) -> Path:
    """Write the page to `out` and the card beside it, whose path is returned. Raises RunError."""
    card = out.with_name(CARD)
    text = json.dumps(report.card(), indent=1, ensure_ascii=False, allow_nan=False)
    try:
        write_safely(out, report.page().encode("utf-8"))
        write_safely(card, (text + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error
    return card


def _sections(found: Gathered, pictures: bool) -> Iterator[Section]:
    """In the order of CLAIM: title, introduction, methods, results, discussion, other information."""
    beside = found.run.folder.parent.name
    yield summary_section(found, beside.removesuffix("-runs") if beside.endswith("-runs") else "")
    yield purpose_section(found)
    yield data_section(found)
    yield reference_section(found)
    yield partitions_section(found)
    yield model_section(found)
    yield training_section(found)
    yield evaluation_section(found)
    yield flow_section(found)
    yield performance_section(found)
    yield failures_section(found, pictures)
    yield discussion_section(found)
    yield reproducing_section(found)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.path("report")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "measure": measure, "number": number, "part": part, "setting": setting, "duration": duration,
    }  # fmt: skip
    environment.globals |= {
        "agreement": agreement, "answer_curves": answer_curves, "box_curves": box_curves,
        "learning_curves": learning_curves, "drawing": drawing, "flow_diagram": flow_diagram,
    }  # fmt: skip
    return environment
