"""Which cases are wanted, and in which order."""

import numpy as np
import pytest

from designer.evaluation.case_choice import CaseChoice, Wanted
from tests.builders.evaluations import two_classes, two_labels


@pytest.fixture
def choice():
    made = CaseChoice()
    made.show(two_classes())
    return made


def test_that_all_cases_are_wanted_worst_first(choice):
    errors = choice.measured.cases.error[choice.places()]
    assert len(errors) == 40
    assert (np.diff(errors) <= 0).all()


def test_that_the_cases_of_a_cell_are_as_many_as_it_counts(choice):
    for truth, row in enumerate(choice.measured.record.confusion):
        for predicted, count in enumerate(row):
            choice.want_cell(truth, predicted)
            assert len(choice.places()) == count


@pytest.mark.parametrize(("kind", "count"), [("right", 33), ("wrong", 7), ("flipped", 2), ("all", 40)])
def test_that_cases_are_told_apart_by_whether_they_are_right(choice, kind, count):
    choice.flip(frozenset({3, 5}))
    choice.want(Wanted(kind=kind))
    assert len(choice.places()) == count


def test_that_a_group_and_a_class_are_wanted_together(choice):
    choice.want(Wanted(truth=1, column="sex", value="f"))
    assert len(choice.places()) == 10


def test_that_the_least_sure_come_first_when_that_is_wanted(choice):
    choice.want(Wanted(order="unsure"))
    assert (np.diff(choice.measured.cases.confidence[choice.places()]) >= 0).all()


def test_that_another_evaluation_takes_the_filter_back_but_not_the_order(choice):
    choice.want(Wanted(truth=1, kind="wrong", order="unsure"))
    choice.show(two_labels())
    assert choice.wanted == Wanted(order="unsure")
    assert len(choice.places()) == 24
