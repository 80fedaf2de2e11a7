"""`python -m runtime.cli` is the same as `netloom`."""

from runtime.cli.main import main

main()
