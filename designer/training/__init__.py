"""The Train workspace: sessions, curves and runs."""
