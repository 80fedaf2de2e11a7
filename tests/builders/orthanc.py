"""A real Orthanc on loopback, with a configuration and a store of its own in a temporary folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "reader", "not-a-secret"
PROGRAM = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin")


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


@dataclass
class Orthanc:
    """A running Orthanc; `ours` is the port to which it sends for the AE title NETLOOM."""

    dicom: int
    http: int
    ours: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def call(self, path: str, content: bytes | None = None) -> Any:
        """Its own HTTP interface."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=content)
        request.add_header("Authorization", "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode())
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def store(self, file: Path) -> None:
        self.call("/instances", file.read_bytes())


def start(folder: Path) -> Orthanc:
    """Start one, and wait until it says that it is ready."""
    dicom, http, ours = free_ports(3)
    place = folder / "orthanc.json"
    place.write_text(json.dumps(_configuration(folder, dicom, http, ours)), encoding="utf-8")
    log = folder / "orthanc.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [str(PROGRAM), str(place)], stdout=written, stderr=subprocess.STDOUT, cwd=folder, env={**os.environ}
        )
    made = Orthanc(dicom, http, ours, process)
    while process.poll() is None and b"Orthanc has started" not in log.read_bytes():
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is not None:
        raise RuntimeError(f"Orthanc did not start: {log.read_text(errors='replace')[-800:]}")
    return made


def _configuration(folder: Path, dicom: int, http: int, ours: int) -> dict[str, Any]:
    return {
        "Name": "Netloom's tests",
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "Plugins": [str(PLUGIN)] if PLUGIN.exists() else [],
        "DicomPort": dicom,
        "HttpPort": http,
        "DicomAet": "ARCHIVE",
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowFind": False,
        "DicomAlwaysAllowGet": False,
        "DicomModalities": {
            "netloom": {"AET": "NETLOOM", "Host": "127.0.0.1", "Port": ours, "AllowGet": True, "AllowMove": True},
            "move-only": {"AET": "MOVEONLY", "Host": "127.0.0.1", "Port": ours, "AllowGet": False},
        },
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False},
        "OverwriteInstances": True,
        "HttpServerEnabled": True,
    }
