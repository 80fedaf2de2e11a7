"""NNabla's files: .nntxt is text; .nnp is a package of that text and the weights, as HDF5 or as protocol buffers."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from runtime.importing.assembling import assembled
from runtime.importing.imported import Array, Imported, ImportRefused
from runtime.importing.nnabla.networks import foreign_of
from runtime.importing.nnabla.parameters import from_hdf5, from_protobuf
from runtime.importing.prototext import parsed
from runtime.importing.text_file import MOST_BYTES, decoded, text_of

_MOST_WEIGHTS = 4 * 2**30
_MOST_FILES = 1_000
_TEXT = "NNabla network"
_PACKAGE = "NNabla network with weights"


def read_text(path: Path) -> Imported:
    """The drawing that a .nntxt file becomes. Raises ImportRefused."""
    return assembled(foreign_of(parsed(text_of(path), path.name), _TEXT, path.name), path.name)


def read_package(path: Path) -> Imported:
    """The drawing that a .nnp file becomes, with its weights. Raises ImportRefused."""
    try:
        with zipfile.ZipFile(path) as package:
            network = _one(package, path, r".*\.nntxt")
            text = decoded(_content(package, network, MOST_BYTES, path), f"{network} in {path.name}")
            weights = _weights(package, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ImportRefused(f"{path.name} is damaged, or no package of NNabla: {error}.") from error
    return assembled(foreign_of(parsed(text, path.name), _PACKAGE, path.name), path.name, weights)


def _one(package: zipfile.ZipFile, path: Path, pattern: str) -> str:
    names = package.namelist()
    if len(names) > _MOST_FILES:
        raise ImportRefused(f"{path.name} holds {len(names)} files; a package of NNabla has a few.")
    found = [name for name in names if re.fullmatch(pattern, name)]
    if not found:
        raise ImportRefused(f"{path.name} is a zip file without a network (.nntxt); no package of NNabla.")
    return found[0]


def _content(package: zipfile.ZipFile, name: str, most: int, path: Path) -> bytes:
    """A file of the package, read no further than a limit: what a header says of its size is not believed."""
    with package.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ImportRefused(f"{name} in {path.name} is larger than {most >> 20} MB, which is not read.")
    return content


def _weights(package: zipfile.ZipFile, path: Path) -> dict[str, Array]:
    for name in package.namelist():
        if re.fullmatch(r".*\.h5", name):
            return from_hdf5(io.BytesIO(_content(package, name, _MOST_WEIGHTS, path)), path.name)
        if re.fullmatch(r".*\.protobuf", name):
            return from_protobuf(_content(package, name, _MOST_WEIGHTS, path), path.name)
    return {}
