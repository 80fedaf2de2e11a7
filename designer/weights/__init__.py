"""Weights to begin with: where they are named, how they are used, and what of them fits."""
