"""What no program can know of a study and its author must write; until then the report says “not reported”.

The questions follow the order of CLAIM (Checklist for Artificial Intelligence in Medical Imaging, Mongan, Moy and Kahn
2020, doi 10.1148/ryai.2020200029; update 2024, doi 10.1148/ryai.240300), in our own words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import RunError, file_error
from runtime.store import write_safely

FILE = "statements.json"
"""Where the statements of a run are kept, in its folder."""

_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Statement:
    """`key` names it in a file of statements; `section` is where the report shows it."""

    key: str
    section: str
    title: str
    asks: str


STATEMENTS: tuple[Statement, ...] = (
    Statement("clinical_question", "purpose", "Question", "Which clinical question is asked, and how it is answered "
              "today without a model."),
    Statement("intended_use", "purpose", "Intended use", "For whom, where and at which step of the work the model is "
              "meant; and what it must not be used for."),
    Statement("hypothesis", "purpose", "Hypothesis", "What was expected before the measurement."),
    Statement("study_design", "data", "Study design", "Retrospective or prospective, one centre or several, and the "
              "aim: feasibility, a new model, a comparison."),
    Statement("data_origin", "data", "Origin of the images", "Hospitals or public data set (with its licence), years, "
              "scanners and protocols."),
    Statement("eligibility", "data", "Eligibility", "Which patients were taken, and which were left out before the "
              "images came into this program."),
    Statement("de_identification", "data", "De-identification", "How identifying data were removed from headers and "
              "pixels, and who checked it."),
    Statement("ethics", "data", "Ethics", "Approval of the ethics board, and consent or its waiver."),
    Statement("reference_standard", "reference", "Reference standard", "How it was decided what is true of each case, "
              "and why this way."),
    Statement("annotators", "reference", "Annotators", "Who labelled, with which training and experience, and with "
              "which tools."),
    Statement("label_agreement", "reference", "Agreement", "How much annotators agreed, and how disagreements were "
              "settled."),
    Statement("sample_size", "partitions", "Number of cases", "How the number of cases was decided, and whether it is "
              "enough for the question."),
    Statement("demographics", "flow", "Patients", "Age, sex and illness of the patients in each part."),
    Statement("comparison", "performance", "Comparison", "How readers or the best known method do on these cases."),
    Statement("error_causes", "failures", "Causes of errors", "What the wrong cases have in common."),
    Statement("limitations", "discussion", "Limitations", "Where the model may be biased or wrong, and which "
              "patients are not represented."),
    Statement("implications", "discussion", "Implications", "What the results mean for practice, and what has to "
              "be shown next."),
    Statement("registration", "reproducing", "Registration", "Where the study and its protocol are registered."),
    Statement("availability", "reproducing", "Availability", "Where data, code and the trained model can be had."),
    Statement("funding", "reproducing", "Funding", "Who paid for it, and the part that they played."),
)  # fmt: skip


def read_statements(path: Path) -> dict[str, str]:
    """What the author wrote: a JSON object of texts by the keys of `STATEMENTS`. Raises RunError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error
    except ValueError as error:
        raise RunError(f"{path} is not JSON ({error}); write an object with a text for each statement.") from error
    known = [statement.key for statement in STATEMENTS]
    if not isinstance(content, dict):
        raise RunError(f"{path} holds no object; write texts by name, such as {{“{known[0]}”: “…”}}.")
    unknown = sorted(set(content) - set(known))
    if unknown:
        raise RunError(
            f"{path} has statements that nobody asks for: {', '.join(unknown)}. There are {', '.join(known)}."
        )
    wrong = sorted(key for key, text in content.items() if not isinstance(text, str) or len(text) > _LONGEST)
    if wrong:
        raise RunError(f"In {path}, {', '.join(wrong)} must be a text of at most {_LONGEST} signs.")
    return {key: text.strip() for key, text in content.items() if text.strip()}


def kept_statements(run: Path) -> dict[str, str]:
    """What is kept in a run folder; nothing where nothing was written. Raises RunError when the file is damaged."""
    file = run / FILE
    return read_statements(file) if file.exists() else {}


def keep_statements(run: Path, written: Mapping[str, str]) -> None:
    """Keep what the author wrote in the run folder, for its reports. Raises RunError when it cannot be written."""
    texts = {one.key: written[one.key].strip()[:_LONGEST] for one in STATEMENTS if written.get(one.key, "").strip()}
    try:
        write_safely(run / FILE, (json.dumps(texts, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))
    except OSError as error:
        raise RunError(f"The statements could not be kept: {file_error(error)}") from error


def earlier_statements(run: Path) -> Path | None:
    """The run beside this one of which statements were kept last; None where there is none."""
    files = [file for file in run.parent.glob(f"*/{FILE}") if file.parent != run]
    return max(files, key=lambda file: file.stat().st_mtime).parent if files else None


def statements_of(section: str, written: Mapping[str, str]) -> list[dict[str, str | None]]:
    """The statements of a section with what was written; None where nothing is reported."""
    return [
        {"key": one.key, "title": one.title, "asks": one.asks, "text": written.get(one.key)}
        for one in STATEMENTS
        if one.section == section
    ]
