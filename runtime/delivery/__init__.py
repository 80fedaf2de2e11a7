"""Handing a trained run on: exported files that are checked against it, and the answers it gives to new images."""
