"""Points of a table as cases: a patch is cut out of an image round each, such as candidates that a detector found."""
