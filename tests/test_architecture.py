"""What holds for the whole house: who may import whom, what is never called, how long a file may be."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("nodes", "runtime", "designer")
LONGEST_FILE = 300
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Reached without torch. The import-linter contract in pyproject.toml names the same modules, except those which only
# import torch inside a function.
TORCH_FREE = (
    "nodes",
    "designer",
    "runtime.amounts",
    "runtime.analysis",
    "runtime.attach",
    "runtime.augmented_apart",
    "runtime.case_noun",
    "runtime.changes",
    "runtime.coach",
    "runtime.comparison",
    "runtime.delivery.contract",
    "runtime.data.cache_state",
    "runtime.data.catalogue",
    "runtime.data.corrections",
    "runtime.data.labels",
    "runtime.data.matched",
    "runtime.data.matching",
    "runtime.data.scan",
    "runtime.data.split",
    "runtime.data.split_columns",
    "runtime.data.split_preview",
    "runtime.data.table_cases",
    "runtime.data.thumbnail",
    "runtime.data.units",
    "runtime.data.table_choice",
    "runtime.data.warnings_data",
    "runtime.data.warnings_looks",
    "runtime.data.warnings_pixels",
    "runtime.data_places",
    "runtime.devices",
    "runtime.differences",
    "runtime.document",
    "runtime.errors",
    "runtime.evaluation.areas",
    "runtime.evaluation.calibration",
    "runtime.evaluation.cases",
    "runtime.evaluation.choosing",
    "runtime.evaluation.classification",
    "runtime.evaluation.fold_columns",
    "runtime.evaluation.fold_queue",
    "runtime.evaluation.folds",
    "runtime.evaluation.grid",
    "runtime.evaluation.headlines",
    "runtime.evaluation.images",
    "runtime.evaluation.intervals",
    "runtime.evaluation.judged",
    "runtime.evaluation.kept",
    "runtime.evaluation.means",
    "runtime.evaluation.means_of_cases",
    "runtime.evaluation.measured",
    "runtime.evaluation.measuring",
    "runtime.evaluation.openings",
    "runtime.evaluation.operating_point",
    "runtime.evaluation.box_hits",
    "runtime.evaluation.detection",
    "runtime.evaluation.overlap",
    "runtime.evaluation.positive",
    "runtime.evaluation.precision",
    "runtime.evaluation.predictive",
    "runtime.evaluation.rates",
    "runtime.evaluation.record",
    "runtime.evaluation.regression",
    "runtime.evaluation.resampling",
    "runtime.evaluation.segmentation",
    "runtime.evaluation.several_labels",
    "runtime.evaluation.subgroups",
    "runtime.evaluation.thresholds",
    "runtime.events",
    "runtime.files",
    "runtime.fixes",
    "runtime.framed",
    "runtime.graph",
    "runtime.idea",
    "runtime.importing",
    "runtime.job",
    "runtime.journal",
    "runtime.journal_lines",
    "runtime.kept_places",
    "runtime.leading",
    "runtime.lifeline",
    "runtime.liveness",
    "runtime.looking.flat_kernels",
    "runtime.looking.heat",
    "runtime.looking.method_names",
    "runtime.looking.probe",
    "runtime.looking.record",
    "runtime.looking.sanity",
    "runtime.mask_paths",
    "runtime.memory",
    "runtime.names",
    "runtime.optimized",
    "runtime.pieces",
    "runtime.owner",
    "runtime.part_names",
    "runtime.pacs",
    "runtime.delivered",
    "runtime.plan",
    "runtime.listing",
    "runtime.problems",
    "runtime.processes",
    "runtime.project_lock",
    "runtime.ranges",
    "runtime.raw_scores",
    "runtime.readiness",
    "runtime.recovery",
    "runtime.remedies",
    "runtime.report",
    "runtime.run_deletion",
    "runtime.run_facts",
    "runtime.run_notes",
    "runtime.runs",
    "runtime.search",
    "runtime.seen_cases",
    "runtime.signals",
    "runtime.source_data",
    "runtime.splits",
    "runtime.stepping",
    "runtime.store",
    "runtime.surgery",
    "runtime.template_fit",
    "runtime.templates",
    "runtime.time_limit",
    "runtime.together",
    "runtime.training_values",
    "runtime.user_key",
    "runtime.whole_drawing",
    "runtime.wiring",
    "runtime.weights.matching",
    "runtime.weights.namings",
    "runtime.weights.preparing",
    "runtime.weights.telling",
)
TORCH_FREE_AT_THE_TOP = ("runtime.batch_search", "runtime.cli", "runtime.cli.survey", "designer.app")
QT_FREE = ("nodes", "runtime.cli", "runtime.document", "runtime.analysis")

BLOCKED_IMPORT = """
import importlib, sys
blocked = sys.argv[1].split(",")
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ImportError(name + " must not be imported here", name=name)
sys.meta_path.insert(0, Blocker())
importlib.import_module(sys.argv[2])
"""

FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
FORBIDDEN_CALLS = {
    "eval", "exec", "__import__", "torch.load", "yaml.load", "os.system", "os.popen", "os.fork",
}  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:home|Users|root|work)/\w|\b[A-Z]:\\+Users\\+\w")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def repository_files() -> list[Path]:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def import_without(blocked: str, module: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED_IMPORT, blocked, module]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("module", QT_FREE)
def test_that_nodes_and_runtime_import_where_there_is_no_qt(module):
    done = import_without("PySide6,shiboken6,pyqtgraph", module)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("module", TORCH_FREE + TORCH_FREE_AT_THE_TOP)
def test_that_the_window_and_what_it_stands_on_import_where_there_is_no_torch(module):
    done = import_without("torch", module)
    assert done.returncode == 0, done.stderr


def test_that_the_import_contract_names_every_module_that_is_free_of_torch():
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    named = next(contract["source_modules"] for contract in contracts if contract.get("forbidden_modules") == ["torch"])
    assert sorted(named) == sorted(TORCH_FREE)


def test_that_every_folder_of_the_rooms_is_a_package_and_is_listed_in_pyproject():
    folders = {path.parent for path in python_files(*ROOMS)}
    without_init = [folder for folder in folders if not (folder / "__init__.py").exists()]
    assert not without_init
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert found | {"resources"} == set(PYPROJECT["tool"]["setuptools"]["packages"])


def test_that_every_dependency_has_one_exact_pin_without_a_path_or_address():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    wrong = [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)]
    assert not wrong
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}
    project = PYPROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=]", requirement)[0].lower() for requirement in wanted}
    assert names - pinned == set()


def offences(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for offence in [*forbidden_import(node), *forbidden_call(node)]:
            yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} {offence}"


def forbidden_import(node: ast.AST) -> Iterator[str]:
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    for name in names:
        if name.partition(".")[0] in FORBIDDEN_IMPORTS or name in FORBIDDEN_CALLS:
            yield f"imports {name}"


def forbidden_call(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func)
    on = {word.arg for word in node.keywords if isinstance(word.value, ast.Constant) and word.value.value is True}
    if name in FORBIDDEN_CALLS and "weights_only" not in on:
        yield f"calls {name}"
    for keyword in node.keywords:
        off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        if keyword.arg in {"shell", "allow_pickle"} and not off:
            yield f"calls {name} with {keyword.arg}"


def test_that_nothing_runs_code_from_data():
    assert [offence for path in python_files(*ROOMS) for offence in offences(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "from torch import load",
        "eval(text)",
        "exec(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_that_the_scan_finds_each_way_of_running_code_from_data(line):
    node = ast.parse(line)
    found = [offence for part in ast.walk(node) for offence in [*forbidden_import(part), *forbidden_call(part)]]
    assert found


def test_that_the_scan_leaves_harmless_lines_alone():
    harmless = ("model.eval()", "torch.load(path, weights_only=True)", "numpy.load(path, allow_pickle=False)",
                "subprocess.run(words)")  # fmt: skip
    node = ast.parse("\n".join(harmless))
    assert [offence for part in ast.walk(node) for offence in [*forbidden_import(part), *forbidden_call(part)]] == []


def test_that_no_file_is_longer_than_a_reader_can_hold():
    paths = [*python_files(*ROOMS, "tools"), ROOT / "start.py"]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_that_nothing_in_the_repository_names_a_folder_of_one_machine():
    found = []
    for path in repository_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        hits = MACHINE_PATH.finditer(text)
        found += [f"{path.relative_to(ROOT)}: {text[hit.start() : hit.end() + 20]!r}" for hit in hits]
    assert found == []
