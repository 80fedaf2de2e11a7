"""The window needs no torch: it opens, draws, analyses and saves in a process where importing torch raises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.files import load_graph

OPEN = """
import json, sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "pydicom", "onnx", "onnxruntime", "monai"):
            raise ImportError(f"{name} is not to be imported by the window")

sys.meta_path.insert(0, Refuse())
from designer.app import make_app
from designer.window import MainWindow

app = make_app()
window = MainWindow()
window.show()
window.begin_with("lenet")
for name in window.workspaces:
    window.show_workspace(name)
    for _ in range(20):
        app.processEvents()
project = window.project
with project.document.edit("Add"):
    project.document.add("relu")
project.analyse_now()
project.save(Path(sys.argv[1]))
print(json.dumps({"nodes": len(project.document.nodes), "torch": "torch" in sys.modules}))
"""


@pytest.mark.slow
def test_that_the_window_opens_draws_and_saves_where_torch_cannot_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "drawn.netloom"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "NETLOOM_SETTINGS": str(tmp_path / "settings.ini")}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", OPEN, str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told == {"nodes": len(load_graph(path).graph.nodes), "torch": False}
