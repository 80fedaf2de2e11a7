"""The command line: what scripts, other people's pipelines and the window itself rely on."""

from runtime.cli.main import main

__all__ = ["main"]
