"""The report of a run: one file that a browser shows, in the order of CLAIM, and the card with the same facts."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from runtime.errors import RunError
from runtime.evaluation.evaluate import evaluate
from runtime.evaluation.openings import note_opening
from runtime.report.plots import Axis, Line, plot, ticks
from runtime.report.pseudonyms import pseudonyms_of
from runtime.report.statements import FILE, STATEMENTS, keep_statements, read_statements
from runtime.report.writing import report_of, write_report
from runtime.worker import run_worker
from tests.builders import browser, graphs, pictures
from tests.builders.classified import classified
from tests.runtime.command import answer

EMPTY = {"meta", "link", "br", "hr", "img", "input"}
ROOT = Path(__file__).resolve().parents[2]
CLAIM = [
    "summary", "purpose", "data", "reference", "partitions", "model", "training", "evaluation", "flow", "performance",
    "failures", "discussion", "reproducing",
]  # fmt: skip


class Strict(HTMLParser):
    """Every element is closed in its turn, every id is there once, nothing is fetched and nothing runs."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.links, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in EMPTY:
            self.open.append(tag)
        if len(given) != len(attrs):
            self.faults.append(f"an attribute of {tag} twice")
        if tag in ("script", "iframe", "object", "link") or any(name.startswith("on") for name in given):
            self.faults.append(f"{tag} {given}")
        self.links += [given[name] for name in ("href", "src", "xlink:href") if name in given]
        self.ids += [given["id"]] if "id" in given else []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


def strictly(page: str) -> Strict:
    parser = Strict()
    parser.feed(page)
    parser.close()
    parser.faults += [f"<{tag}> is not closed" for tag in parser.open]
    parser.faults += [f"id {name} twice" for name in parser.ids if parser.ids.count(name) > 1]
    inside = [link for link in parser.links if not link.startswith("data:image/png;base64,")]
    parser.faults += [f"leads to {link}" for link in inside if link.removeprefix("#") not in parser.ids]
    return parser


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    folder = pictures.class_folders(place / "data")
    (folder / "bright" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    made = pictures.new_run(
        graphs.classifier(before=["normalise"], **pictures.facts(folder)), place / "discs-runs" / "1",
        epochs=2, batch=8, device="cpu",
    )  # fmt: skip
    assert run_worker(made.job) == 0
    draw = np.random.default_rng(1)
    for stem, count in (("test", 40), ("validation", 30)):
        truth = draw.integers(0, 2, count)
        likely = (truth * 0.4 + draw.random(count) * 0.6).clip(0.01, 0.99)
        classified(made.folder, stem, np.stack([1 - likely, likely], 1), truth, ("bright", "dark"))
    return made


def test_that_the_page_is_whole_strict_html_that_fetches_and_runs_nothing(run):
    page = report_of(run).page()
    assert page.startswith("<!DOCTYPE html>")
    assert strictly(page).faults == []
    assert not re.search(r"https?://|url\(|@import|javascript:", page)


def test_that_the_sections_stand_in_the_order_of_claim_and_the_card_has_the_same(run):
    report = report_of(run)
    assert [one.key for one in report.sections] == CLAIM
    places = [report.page().index(f'<section id="{key}">') for key in CLAIM]
    assert places == sorted(places)
    assert list(report.card()) == ["format", "use", *CLAIM]


def test_that_research_use_stands_at_the_head_on_every_printed_page_and_beside_the_numbers(run):
    page = report_of(run).page()
    assert page.lower().count("research use only") >= 6
    assert '@bottom-center { content: "Research use only.' in page
    assert "esearch use only" in report_of(run).card()["use"]


def test_that_the_flow_of_cases_counts_every_file_once(run):
    facts = report_of(run).card()["flow"]
    assert facts["found"] == 33
    assert sum(one["files"] for one in facts["excluded"]) + facts["cases"]["cases"] == facts["found"]
    assert sum(one["cases"] for one in facts["parts"]) + facts["not_used"] == facts["cases"]["cases"]


def test_that_metrics_stand_with_their_intervals_and_what_guessing_would_reach(run):
    (test, _) = report_of(run).card()["performance"]["measured"]
    (accuracy,) = test["metrics"]
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    assert 0.5 <= test["baseline"]["accuracy"] < 1
    (curve,) = test["curves"]
    assert curve["roc"][0] == [0, 0]
    assert curve["roc"][-1] == [1, 1]
    assert sum(band["cases"] for band in curve["calibration"]) == 40


def test_that_the_worst_cases_come_first_by_their_row_and_a_pseudonym(run):
    measured = report_of(run).card()["failures"]["measured"][0]
    errors = [case["error"] for case in measured["worst"]]
    assert errors == sorted(errors, reverse=True)
    assert all(re.fullmatch("[0-9a-f]{8}", case["case"]) for case in measured["worst"])
    assert {case["row"] for case in measured["worst"]} <= set(range(1, 41))


def test_that_pictures_of_the_worst_cases_are_shown_only_when_asked_for(run):
    folder = shutil.copytree(run.folder, run.folder.with_name("3"))
    again = type(run)(folder)
    evaluate(again, "validation")
    assert "<img" not in report_of(again).page()
    shown = report_of(again, pictures=True)
    (validation,) = (one for one in shown.card()["failures"]["measured"] if one["name"] == "validation")
    assert shown.page().count('<img src="data:image/png;base64,') == len(validation["worst"]) > 0
    assert "data:image" not in json.dumps(shown.card())
    assert strictly(shown.page()).faults == []


def test_that_the_report_tells_how_often_the_test_part_was_opened(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "discs-runs" / "2")
    again = type(run)(folder)
    assert "never been opened" in report_of(again).page()
    note_opening(folder, 1)
    note_opening(folder, 1)
    assert report_of(again).card()["evaluation"]["test_opened"] == 2
    assert "opened 2 times" in report_of(again).page()


def test_that_what_the_author_has_not_written_is_not_reported(run):
    page = report_of(run).page()
    assert page.count('<span class="missing">not reported</span>') == len(STATEMENTS) + 1
    written = report_of(run, {"limitations": "Few <cases> & one scanner."})
    assert "Few &lt;cases&gt; &amp; one scanner." in written.page()
    assert "limitations" not in written.card()["summary"]["not_reported"]


def test_that_a_run_that_was_not_evaluated_says_so(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "bare", ignore=shutil.ignore_patterns("evaluation-*"))
    page = report_of(type(run)(folder)).page()
    assert strictly(page).faults == []
    assert "has not been evaluated yet" in page


def test_that_a_report_can_be_written_after_the_data_are_gone(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    text = (folder / "project.netloom").read_text(encoding="utf-8")
    (folder / "project.netloom").write_text(re.sub(r'"folder": "[^"]*"', '"folder": "gone"', text), encoding="utf-8")
    report = report_of(type(run)(folder))
    assert report.card()["flow"]["found"] is None
    assert "could not be read when this report was written" in report.page()


def test_that_page_and_card_are_written_side_by_side(run, tmp_path):
    card = write_report(report_of(run), tmp_path / "report.html")
    assert card == tmp_path / "model_card.json"
    assert json.loads(card.read_text(encoding="utf-8"))["format"] == 1
    assert strictly((tmp_path / "report.html").read_text(encoding="utf-8")).faults == []


def test_that_statements_nobody_asks_for_are_refused_by_name(tmp_path):
    file = tmp_path / "statements.json"
    file.write_text('{"limitation": "few"}', encoding="utf-8")
    with pytest.raises(RunError, match=r"nobody asks for: limitation\. There are .*limitations"):
        read_statements(file)
    file.write_text('{"limitations": 3}', encoding="utf-8")
    with pytest.raises(RunError, match="limitations must be a text"):
        read_statements(file)


def test_that_the_command_takes_what_is_kept_with_the_run_unless_a_file_is_given(run, tmp_path):
    keep_statements(run.folder, {"ethics": "Approved by the board.", "funding": "None."})
    try:
        kept = answer("report", run.folder, "--out", tmp_path / "report.html")
        assert "Approved by the board." in (tmp_path / "report.html").read_text(encoding="utf-8")
        assert len(kept["not_reported"]) == len(STATEMENTS) - 2
        (tmp_path / "given.json").write_text('{"ethics": "Waived."}', encoding="utf-8")
        options = ("--out", tmp_path / "report.html", "--statements", tmp_path / "given.json")
        given = answer("report", run.folder, *options)
        assert "Waived." in (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "funding" in given["not_reported"]
    finally:
        (run.folder / FILE).unlink()


def test_that_pseudonyms_are_the_same_within_a_project_and_other_ones_elsewhere(tmp_path):
    here, there = pseudonyms_of(tmp_path / "a-runs"), pseudonyms_of(tmp_path / "b-runs")
    assert here.of("case") == pseudonyms_of(tmp_path / "a-runs").of("case")
    assert here.of("case") != there.of("case")
    assert here.of("case") != here.of("case 2")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.2, 0.7), (-3, 12), (0, 1e-4), (5, 5.5), (-1e6, 3e6)])
def test_that_an_axis_has_a_few_round_numbers_around_its_values(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low < high <= marks[-1] + 1e-12
    assert 2 <= len(marks) <= 8


def test_that_names_in_pictures_are_escaped():
    drawn = plot("<b>", Axis("x & y"), Axis("y"), [Line("<script>", [(0, 1), (1, 2)]), Line("b", [(0, 0)])])
    assert "<script>" not in drawn
    assert "x &amp; y" in drawn


@pytest.mark.long
def test_that_a_browser_shows_and_prints_the_page(run, tmp_path):
    page = tmp_path / "report.html"
    write_report(report_of(run), page)
    document = browser.shown(page)
    assert strictly(document).faults == []
    assert document.count("<svg") == report_of(run).page().count("<svg")
    browser.printed(page, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not installed")
def test_that_research_use_stands_below_the_text_of_every_printed_page(run, tmp_path):
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    write_report(report_of(run), page)
    browser.printed(page, pdf)
    told = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    pages = told.rstrip("\f\n").split("\f")
    assert len(pages) > 3
    assert all(one.rstrip().splitlines()[-1].strip().startswith("Research use only.") for one in pages)


def test_that_the_documentation_names_every_key_of_the_card_and_every_statement(run):
    told = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
    card = report_of(run).card()
    keys = [*card, *(key for section in CLAIM for key in card[section])]
    assert [key for key in (*keys, *(one.key for one in STATEMENTS)) if f"`{key}`" not in told] == []
