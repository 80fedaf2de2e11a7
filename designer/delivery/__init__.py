"""The Deliver workspace: models to take away."""
