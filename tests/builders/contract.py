"""The contract between a node type and PyTorch, checked for any type by draws from its declaration."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.spec import HouseRule, NodeType, Unfit
from tests.builders.node_draws import inputs_of, nodes_of
from tests.builders.torch_oracle import Outcome, outcome

QUICK, LONG = 25, 300


def drawn(count: int):
    return settings(
        max_examples=count, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )


def check_rule_against_torch(node: NodeType, inputs: dict) -> None:
    """The rule accepts what torch accepts, with the same shape and as many trained numbers; it refuses the rest."""
    said = outcome(node, inputs)
    try:
        shape = node.infer(**inputs)
        parameters = node.parameters(**inputs)
    except HouseRule as refusal:
        assert_is_a_sentence(refusal)
        return
    except Unfit as refusal:
        assert_is_a_sentence(refusal)
        if isinstance(said, Outcome):
            raise AssertionError(f"refused with “{refusal}”, but torch gives {said}") from refusal
        return
    assert said == Outcome(shape, parameters)


def assert_is_a_sentence(refusal: Unfit) -> None:
    text = str(refusal)
    assert text[0].isupper() or text[0] in "“0123456789" or text.startswith("k is")
    assert text.endswith(".")
    assert len(text) < 300


def check_layer(kind: type[NodeType], count: int) -> None:
    @drawn(count)
    @given(st.data())
    def run(data) -> None:
        check_rule_against_torch(data.draw(nodes_of(kind)), data.draw(inputs_of(kind)))

    run()
