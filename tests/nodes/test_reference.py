"""The reference page follows from the declarations, and a new type reaches it and the contract by itself."""

from collections.abc import Iterator

import pytest

import nodes.reference as reference
from nodes.spec import REGISTRY, Call, Category, NodeType, Shape, Unfit, find, module, setting
from tests.builders.contract import check_layer


@pytest.fixture
def new_type() -> Iterator[type[NodeType]]:
    """A type that is declared here and nowhere else."""

    class Threshold(NodeType, id="threshold_of_a_test", title="Threshold", category=Category.ACTIVATION, words="cut"):
        """Makes everything below a limit zero."""

        example = ((3, 6, 6),)
        limit: float = setting(0.1, "Smaller values become zero.", low=0.0, high=1.0)

        def infer(self, image: Shape) -> Shape:
            return image

        def call(self, image: Shape) -> Call:
            return module("torch.nn.Threshold", threshold=self.limit, value=0.0)

    yield Threshold
    del REGISTRY["threshold_of_a_test"]


def test_that_the_page_in_the_repository_is_up_to_date():
    assert reference.main(["--check"]) == 0


def test_that_the_page_names_every_type_and_setting():
    page = reference.page()
    for id, kind in REGISTRY.items():
        assert f"### {kind.title} (`{id}`)" in page
        for declared in kind.settings():
            assert f"| `{declared.name}` |" in page


def test_that_an_unknown_word_is_refused(capsys):
    assert reference.main(["--write"]) == 2
    assert "--write" in capsys.readouterr().err


def test_that_a_new_type_needs_nothing_but_its_declaration(new_type):
    assert find("threshold_of_a_test") is new_type
    assert "| Limit | `limit` | 0.1 | a number from 0 to 1 |" in reference.page()
    check_layer(new_type, 25)


def test_that_the_contract_finds_a_wrong_rule(new_type, monkeypatch):
    def doubled(self, image):
        return (2 * image[0], *image[1:])

    monkeypatch.setattr(new_type, "infer", doubled)
    with pytest.raises(AssertionError):
        check_layer(new_type, 25)


def test_that_the_contract_finds_a_rule_that_refuses_too_much(new_type, monkeypatch):
    def picky(self, image):
        raise Unfit("Nothing fits.")

    monkeypatch.setattr(new_type, "infer", picky)
    with pytest.raises(AssertionError, match="refused"):
        check_layer(new_type, 25)
