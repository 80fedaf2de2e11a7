"""Searching for settings: trials are ordinary runs, and several workers share one study."""
