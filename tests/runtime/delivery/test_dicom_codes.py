"""Every code that DICOM objects of predictions carry means in pydicom's dictionaries what this program says."""

import pytest
from highdicom.sr import CodedConcept
from pydicom.sr.codedict import codes

from runtime.delivery import dicom_codes, dicom_report
from runtime.delivery.dicom_codes import ANATOMY, SCHEME, category_and_type

NAMES = [*dicom_codes._ANATOMICAL, *dicom_codes._MORPHOLOGICAL, *dicom_codes._SHORT]
AS_IN_THE_DICTIONARY = {"tumour": "tumor", "lv": "left ventricle", "rv": "right ventricle"}


def meanings(concept: CodedConcept) -> set[str]:
    """What the dictionary of the code's scheme calls it."""
    scheme = getattr(codes, concept.scheme_designator)
    found = [entry for name in scheme.dir() for entry in [getattr(scheme, name)] if entry.value == concept.value]
    return {entry.meaning.casefold() for entry in found}


def constants() -> list[CodedConcept]:
    held = [value for module in (dicom_codes, dicom_report) for value in vars(module).values()]
    held += [one for value in held if isinstance(value, dict) for one in value.values()]
    return [one for one in held if isinstance(one, CodedConcept)]


@pytest.mark.parametrize("name", NAMES)
def test_that_the_code_of_a_class_means_the_class(name):
    category, kind = category_and_type(name.replace(" ", "_").title())
    assert AS_IN_THE_DICTIONARY.get(name, name) in meanings(kind)
    assert category.meaning.casefold() in meanings(category)


def test_that_the_codes_of_reports_mean_what_they_say():
    found = constants()
    assert len(found) >= 10
    assert [one for one in found if one.meaning.casefold() not in meanings(one)] == []


def test_that_a_class_that_no_dictionary_names_gets_a_code_of_this_program():
    category, kind = category_and_type("ground glass 7")
    assert (category, kind.scheme_designator, kind.meaning) == (ANATOMY, SCHEME, "ground glass 7")
