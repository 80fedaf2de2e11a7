"""The Data workspace: a folder becomes cases with labels."""
