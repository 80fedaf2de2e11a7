"""How good a trained run is: what is measured on its cases, how sure that is, and what is kept of it."""
