#!/usr/bin/env python3
"""Start Netloom from a fresh clone; the first start installs what it needs into .venv.

python3 start.py                 opens the window
python3 start.py demo            trains and exports on practice data, then opens the window on the result
python3 start.py test [--long]   runs the checks, with --long also the long tests
python3 start.py WORDS ...       anything else goes to the command line, such as: scan FOLDER
"""
# Standard library only, and written so that a Python that is too old still reads it as far as the sentence in main().

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "netloom-installed")
LOG = os.path.join(VENV, "netloom-install.log")
CONSTRAINTS = os.path.join(ROOT, "constraints.txt")
ON_WINDOWS = os.name == "nt"
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if ON_WINDOWS else os.path.join(VENV, "bin", "python")

# What Qt loads on Linux and a bare Debian or Ubuntu lacks: library file, package that brings it.
SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
}
ARCHIVE = ("orthanc", "orthanc-dicomweb")  # a PACS for the tests
APT_INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends"]
SIGNS_OF_NO_NETWORK = ("connection broken by", "Max retries exceeded", "No matching distribution found", "timed out")
FONTS = "/usr/share/fonts/truetype"


def main(words: "list[str]") -> int:
    """Install what is missing, then hand over to the program."""
    if sys.version_info < (3, 11):
        return stop("Netloom needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))
    testing = words[:1] == ["test"]
    wanted = fingerprint()
    if not is_installed(wanted, testing):
        try:
            problem = install(wanted, testing)
        except (OSError, subprocess.SubprocessError) as error:
            problem = f"Netloom could not be installed into {VENV}: {error}."
        if problem:
            return stop(problem)
    elif words[:1] in ([], ["demo"]):
        ask_for(missing_system_packages())
    if testing:
        return hand_over([os.path.join(ROOT, "tools", "check.py"), *words[1:]])
    return hand_over(["-m", "runtime.cli", *words])


def stop(sentence: str) -> int:
    """Say why it goes no further."""
    print(sentence, file=sys.stderr)
    return 3


def say(sentence: str) -> None:
    """Tell what is going on, on stderr, so that stdout stays with the command (--json)."""
    print(sentence, file=sys.stderr, flush=True)


def fingerprint() -> str:
    """Everything on which the installed packages depend, as one hash."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {sys.platform} {ROOT}".encode())
    for path in (os.path.join(ROOT, "pyproject.toml"), CONSTRAINTS):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def is_installed(wanted: str, testing: bool) -> bool:
    """Whether an installation was finished for just this state; the stamp is the last thing written."""
    try:
        with open(STAMP, encoding="ascii") as file:
            found, extent = file.read().split()
    except (OSError, ValueError):
        return False
    return found == wanted and (extent == "dev" or not testing) and os.path.exists(PYTHON)


def install(wanted: str, testing: bool) -> str:
    """Make the environment and fill it; returns the sentence that says what went wrong, or an empty one."""
    if os.path.exists(STAMP):
        os.remove(STAMP)
    problem = make_environment()
    if problem:
        return problem
    install_system_libraries()
    if testing:
        install_archive()
    say("Installing what Netloom needs into .venv: once, a download of up to some gigabytes, some minutes …")
    target = ROOT + ("[dev]" if testing else "")
    if not pip_install(["--constraint", CONSTRAINTS, "--editable", target, *asked_by_name("torch")]):
        return why_not()
    with open(STAMP, "w", encoding="ascii") as file:
        file.write(f"{wanted} {'dev' if testing else 'user'}\n")
    say("Installed.")
    return ""


def make_environment() -> str:
    """Make .venv, or keep the one that is there if it works; returns the problem, if any."""
    version = "import sys; print(sys.version_info[:2]); import pip"
    if os.path.exists(PYTHON):
        answer = subprocess.run([PYTHON, "-c", version], capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.strip() == str(sys.version_info[:2]):
            return ""
    say(f"Making the Python environment {VENV} …")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if made.returncode == 0:
        return ""
    if "ensurepip" in made.stdout + made.stderr:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        return f"Python's part for making environments is missing; install it with: sudo apt-get install {package}"
    return f"The environment {VENV} could not be made: {(made.stderr or made.stdout).strip()}"


def asked_by_name(package: str) -> "list[str]":
    """The pin of a package, asked for directly: pip then also considers a build that lies on this machine."""
    with open(CONSTRAINTS, encoding="utf-8") as file:
        return [line.strip() for line in file if line.startswith(package + "==")]


def pip_install(words: "list[str]") -> bool:
    """Run pip; its output goes to the log, and on a terminal the current line is shown."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *words]
    with open(LOG, "w", encoding="utf-8") as log, subprocess.Popen(
        command, cwd=ROOT, encoding="utf-8", errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        for line in pip.stdout or ():
            log.write(line)
            show_progress("" if line.startswith("WARNING") else line.split(" (from ")[0].strip())
    show_progress("")
    return pip.returncode == 0


def why_not() -> str:
    """What kept pip from installing, read from its log, as one sentence."""
    with open(LOG, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if any(sign in text for sign in SIGNS_OF_NO_NETWORK):
        reason = "the packages could not be fetched, most often because the network is missing or blocked"
    else:
        errors = [line.strip() for line in text.splitlines() if line.strip().lower().startswith("error:")]
        told = [error[len("error:") :].strip(" .") for error in errors if "subprocess-exited" not in error]
        reason = told[0] if told else "pip failed"
    return f"Installing did not work: {reason}. pip's own account is in {LOG}; start again once that is mended."


def show_progress(line: str) -> None:
    """On a terminal, write a line over the one before."""
    if sys.stderr.isatty():
        print(f"\r  {line:<76.76}\r", end="", file=sys.stderr, flush=True)


def install_system_libraries() -> None:
    """On Debian and Ubuntu, bring what Qt needs: as root by apt-get, otherwise by telling the one line to type."""
    packages = missing_system_packages()
    if packages and os.geteuid() == 0:
        say("Installing system libraries for the window: " + " ".join(packages))
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], [*APT_INSTALL, *packages]):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ask_for(missing_system_packages())


def install_archive() -> None:
    """As root on Debian and Ubuntu, bring the PACS that tests are run against; without it those tests are skipped."""
    debian = sys.platform.startswith("linux") and shutil.which("apt-get") is not None
    if debian and os.geteuid() == 0 and shutil.which("Orthanc") is None:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # its service is not started
        for command in (["apt-get", "update"], [*APT_INSTALL, *ARCHIVE]):
            subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask_for(packages: "list[str]") -> None:
    """Tell the one line to type, if system libraries are missing."""
    if packages:
        line = " ".join(["sudo", *APT_INSTALL, *packages])
        say(f"The window needs system libraries that are missing here; type: {line}")


def missing_system_packages() -> "list[str]":
    """The packages whose library does not load; nothing on systems that bring them or are not Debian's kin."""
    if not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return []
    missing = [package for library, package in SYSTEM_LIBRARIES.items() if not loads(library)]
    return missing if os.path.exists(FONTS) else [*missing, "fonts-dejavu-core"]


def loads(library: str) -> bool:
    """Whether the system finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def hand_over(words: "list[str]") -> int:
    """Run the environment's Python in place of this one, and never import from the folder one happens to be in."""
    command = [PYTHON, "-P", *words]
    os.environ["PYTHONSAFEPATH"] = "1"
    os.environ["NETLOOM_STARTED_BY"] = "start.py"  # what the program then says to type is typed the same way
    if not ON_WINDOWS:
        os.execv(PYTHON, command)
    return subprocess.call(command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
