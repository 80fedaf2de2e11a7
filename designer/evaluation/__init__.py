"""The Evaluate workspace: how good a trained run is."""
