"""Every registered node type is declared completely: texts, icon, example, settings that survive a file."""

import json
import re
from xml.etree import ElementTree

import pytest

import nodes  # noqa: F401 (registers every type)
import resources
from nodes.blocks import BlockPort
from nodes.spec import REGISTRY, Category, Kind

LONGEST_SUMMARY = 32

every_type = pytest.mark.parametrize("id", sorted(REGISTRY))


@every_type
def test_that_a_type_says_what_it_is(id):
    kind = REGISTRY[id]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", id)
    assert kind.title
    assert isinstance(kind.category, Category)
    assert kind.words
    first = kind.says().split(". ")[0].split(".\n")[0]
    assert kind.__doc__ is not None
    assert len(kind.says()) > 40
    assert len(first) < 200
    assert kind.says().rstrip().endswith((".", ")"))


@every_type
def test_that_every_setting_says_what_it_is_for(id):
    for setting in REGISTRY[id].settings():
        assert len(setting.help) > 8, setting.name
        assert setting.help.rstrip().endswith((".", ")")), setting.name
        assert setting.label[0].isupper() or setting.label == "k", setting.name


@every_type
def test_that_the_defaults_are_sound_and_survive_a_file(id):
    kind = REGISTRY[id]
    node, wrong = kind.read({setting.name: setting.default for setting in kind.settings()})
    assert not wrong
    assert node == kind()
    written = json.loads(json.dumps({setting.name: getattr(node, setting.name) for setting in kind.settings()}))
    assert kind.read(written) == (node, {})


@every_type
def test_that_the_summary_fits_on_the_node(id):
    assert len(REGISTRY[id]().summary()) < LONGEST_SUMMARY


@every_type
def test_that_there_is_an_example_for_every_port(id):
    kind = REGISTRY[id]
    if issubclass(kind, BlockPort):
        return  # it hands on whatever comes
    assert len(kind.example) == len(kind.inputs)
    for port, value in zip(kind.inputs, kind.example, strict=True):
        if port.kind is Kind.TENSOR and port.rank:
            assert len(value) in port.rank


@every_type
def test_that_there_is_an_icon_in_the_family_style(id):
    assert_icon(id)


@pytest.mark.parametrize(
    "name",
    [
        *("data", "design", "train", "evaluate", "deliver"),
        *("open", "save", "undo", "redo", "play", "stop", "add", "fit", "problem", "warning", "folder", "export"),
    ],
)
def test_that_the_workspaces_and_actions_have_icons(name):
    assert_icon(f"ui-{name}")


def assert_icon(name):
    drawing = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawing)
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke") == "currentColor"
    assert root.get("stroke-width") == "1.75"
    assert not re.search(r"#[0-9a-fA-F]{3}", drawing)
