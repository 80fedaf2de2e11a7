"""docs/dicom-cases.md: each odd thing of DICOM data with the tests that show it. The page is written from here.

`python -P -m tests.runtime.data.test_dicom_cases`, in the repository's folder, writes the page anew.
"""

import re
from pathlib import Path

from tests.runtime.data.dicom_cases import SECTIONS

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "dicom-cases.md"
CASES = [case for cases in SECTIONS.values() for case in cases]
INTRODUCTION = """# DICOM as hospitals have it

What the program does with each odd thing of real DICOM data, and the tests that show it. This page is written by
`python -P -m tests.runtime.data.test_dicom_cases`; a test fails when it is out of date, when a row has neither a test
nor a reason, or when a test that it names is not there. The words after a test's file name it without `test_that_`.
"""


def place_of(test: str) -> tuple[Path, str]:
    """The file and the name of a test such as scan::a_gap_is_named."""
    file, _, name = test.partition("::")
    folder = Path(__file__).parent
    path = (folder / f"{file}.py") if file.startswith("..") else folder / f"test_{file}.py"
    return path.resolve(), f"test_that_{name}"


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, cases in SECTIONS.items():
        rows = "\n".join(f"| {case.number} | {case.title} | {case.does} | {_shown(case)} |" for case in cases)
        parts.append(
            f"## {title}\n\n| | What comes | What the program does | Shown by |\n| --- | --- | --- | --- |\n{rows}\n"
        )
    return "\n".join(parts)


def _shown(case) -> str:
    links = []
    for test in case.tests:
        path, name = place_of(test)
        links.append(f"`{path.relative_to(ROOT / 'tests' / 'runtime').as_posix()}` {name.removeprefix('test_that_')}")
    return "<br>".join([*links, *([case.reason] if case.reason else [])])


def test_that_every_case_has_a_row_with_a_test_or_a_reason():
    assert [case.number for case in CASES] == [f"1.{number}" for number in range(1, 63)]
    assert [case.number for case in CASES if not case.tests and not case.reason] == []
    assert all(case.title and case.does for case in CASES)


def test_that_every_test_that_a_row_names_is_there():
    missing = []
    for case in CASES:
        for test in case.tests:
            path, name = place_of(test)
            if not path.is_file() or not re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE):
                missing.append(f"{case.number}: {test}")
    assert missing == []


def test_that_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
