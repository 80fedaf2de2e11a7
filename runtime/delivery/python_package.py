"""A trained model as readable Python that needs nothing of this program: one file, or a folder with a script."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from safetensors.torch import save

import resources
from runtime.compile import Deployed
from runtime.data.wording import counted
from runtime.delivery import answers
from runtime.delivery.alone import difference_alone
from runtime.delivery.checks import Case, ExportReport, case_tensors, check_batches, copy_on_cpu
from runtime.delivery.contract import USE, Contract, InputContract, OutputContract
from runtime.delivery.draws import takes_only_draws
from runtime.delivery.identifiers import private_places, refuse_identifiers
from runtime.errors import RunError
from runtime.source import python_source
from runtime.store import write_safely
from runtime.trained import Trained

_NEEDS = ("torch", "numpy", "safetensors", "pydicom", "Pillow", "nibabel")
_SCRIPTS = ("predict.py", "preparation.py")


def export_python(
    trained: Trained, out: Path, contract: Contract, cases: Sequence[Case], identifiers: Sequence[str] = ()
) -> ExportReport:
    """Write the model as Python: with an `out` that ends in .py the network alone, its weights beside it; else a folder
    with model, weights, preparation, script, requirements and README.

    It is run by a Python of its own and compared with the trained network. Raises RunError, and leaves no new file,
    when the answers differ by more than 1e-4·max(1, largest answer), when a file would tell one of the `identifiers`,
    when the folder holds other things, or when it cannot be written.
    """
    deployed = Deployed(copy_on_cpu(trained.network))
    batches = check_batches(
        [case_tensors(case, place, contract, deployed.inputs) for place, case in enumerate(cases)], contract
    )
    source = python_source(trained.analysis).encode("utf-8")
    weights = save({name: tensor.contiguous() for name, tensor in trained.network.state_dict().items()})
    with tempfile.TemporaryDirectory(prefix="netloom-") as name:
        tried = Path(name) / "model.py"
        tried.write_bytes(source)
        tried.with_suffix(".safetensors").write_bytes(weights)
        difference = difference_alone(deployed, tried, batches, tried.with_suffix(".safetensors"))
    if out.suffix == ".py":
        files = {out.with_suffix(".safetensors"): weights, out: source}
    else:
        _refuse_foreign(out)
        texts = {path: text.encode("utf-8") for path, text in _texts(contract).items()}
        files = {
            out / path: data for path, data in {"weights.safetensors": weights, "model.py": source, **texts}.items()
        }
    private = [*private_places(trained.analysis), *identifiers]
    for path, data in files.items():
        refuse_identifiers(data, private, path.name, numbers=path.suffix == ".safetensors")
    _write(files, out)
    return ExportReport(out, 0, len(cases), difference, drawn=takes_only_draws(contract))


def _write(files: dict[Path, bytes], out: Path) -> None:
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_safely(path, data)
    except OSError as error:
        raise RunError(f"{out} could not be written: {error.strerror or error}. Choose another place.") from error


def _refuse_foreign(out: Path) -> None:
    """A folder of another use is not written into; a package of before is replaced."""
    if out.is_file():
        raise RunError(f"{out} is a file; name a folder, or a file that ends in .py.")
    if out.is_dir() and any(out.iterdir()) and not (out / "contract.json").is_file():
        raise RunError(f"{out} holds other files; name a new or an empty folder.")


def _texts(contract: Contract) -> dict[str, str]:
    scripts = {name: resources.path("package", name).read_text("utf-8") for name in _SCRIPTS}
    return {
        **scripts,
        "answers.py": _answers(),
        "contract.json": contract.text() + "\n",
        "requirements.txt": "".join(f"{name}=={version(name).partition('+')[0]}\n" for name in _NEEDS),
        "README.md": _readme(contract),
    }


def _answers() -> str:
    """The program's own code from numbers to answers; what it imports of the program is for type checkers alone."""
    text = Path(answers.__file__).read_text("utf-8")
    before, _, rest = text.partition("if TYPE_CHECKING:")
    return before + rest.partition("\n\n")[2]


def _readme(contract: Contract) -> str:
    card = contract.card
    lines = ["# A neural network drawn in Netloom", "", f"**{USE}**", ""]
    lines += ["    pip install -r requirements.txt", "    python predict.py IMAGE ...", ""]
    lines += ["It takes:", "", *(f"- {_input(entry)}" for entry in contract.inputs), ""]
    lines += ["It answers:", "", *(f"- {_output(entry)}" for entry in contract.outputs), ""]
    if card:
        cases = ", ".join(f"{count} {part}" for part, count in card["cases"].items())
        lines += [f"It has {card['parameters']} parameters. Cases: {cases}.", ""]
        lines += [*(f"- {name} (validation): {value:.4g}" for name, value in card["measured"].items()), ""]
        lines += [str(card["limits"]), ""]
    files = ("model.py: the network, size, window and normalisation included", "weights.safetensors: what it learned",
             "preparation.py: reads files as real units, and says which the network was not made for",
             "answers.py: from numbers to classes, masks and values",
             "predict.py: a script around these", "contract.json: all of this for programs")  # fmt: skip
    return "\n".join([*lines, "The files:", "", *(f"- {file}" for file in files)]) + "\n"


def _input(entry: InputContract) -> str:
    shape, channels = "×".join(map(str, entry.size)), counted(entry.channels, "channel")
    if entry.rule is None:
        return f"{entry.name}: {channels} of {shape or 'one number'} ({entry.feed})"
    text = f"{entry.name}: {channels}, any size (brought to {shape} by “{entry.rule}”), {entry.units}"
    text += f"; {entry.modality} images" if entry.modality else ""
    if entry.take != "as found" or entry.spacing_mm:
        spacing = f" at {'×'.join(f'{side:g}' for side in entry.spacing_mm)} mm" if entry.spacing_mm else ""
        text += f"; put together from slices as “{entry.take}”{spacing}: give .npy arrays (channels, size)"
    return text


def _output(entry: OutputContract) -> str:
    text = f"{entry.name}: {entry.task or 'numbers'}"
    text += f" of {', '.join(entry.classes)}" if entry.classes else ""
    text += f", in {', '.join(dict.fromkeys(unit for unit in entry.units if unit))}" if any(entry.units) else ""
    text += "".join(f"; {name} from a probability of {value:g}" for name, value in entry.thresholds.items())
    return text + (f"; probabilities at a temperature of {entry.temperature:g}" if entry.temperature != 1 else "")
