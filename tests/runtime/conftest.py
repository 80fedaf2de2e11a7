"""What tests of the runtime share: a cache folder of their own; practice data, a project and a run for the commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.command import done


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Decoded images of tests do not go into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Practice data of twelve patients, in a folder whose name has a space and letters that are not ASCII."""
    folder = tmp_path_factory.mktemp("Übung 1") / "t1-t2"
    done("practice", "t1-t2", folder, "--patients", 12)
    return folder


@pytest.fixture(scope="session")
def project(practice: Path) -> Path:
    """A project made of the practice data."""
    path = practice.parent / "heads é.netloom"
    done("new", "lenet", "--data", practice, "--out", path)
    return path


@pytest.fixture(scope="session")
def run(project: Path) -> Path:
    """A run of two epochs."""
    folder = project.parent / "run 1"
    done("train", project, "--run", folder, "--epochs", 2, "--device", "cpu")
    return folder


@pytest.fixture(scope="session")
def lesions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Practice data of slices with masks."""
    folder = tmp_path_factory.mktemp("lesion") / "data"
    done("practice", "lesion", folder, "--patients", 4)
    return folder


@pytest.fixture(scope="session")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Practice data of slices with a number each."""
    folder = tmp_path_factory.mktemp("size") / "data"
    done("practice", "size", folder, "--patients", 4)
    return folder
