"""The drawing surface: the scene that follows the document, and the gestures that edit it."""
