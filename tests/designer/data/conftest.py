"""What the tests of the Data page share: a project, its Data page alone, practice images."""

import pytest

from designer.data.workspace import DataWorkspace
from designer.project import Project
from runtime.data.practice import write_practice


@pytest.fixture
def project():
    return Project()


@pytest.fixture
def workspace(qtbot, project):
    made = DataWorkspace(project)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.resize(1280, 740)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture(scope="session")
def heads(tmp_path_factory):
    """Practice DICOM files: two classes of made-up patients."""
    folder = tmp_path_factory.mktemp("practice") / "heads"
    write_practice("t1-t2", folder, 6, 0)
    return folder
