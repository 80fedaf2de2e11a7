"""Plain torch modules of our own. Source export copies their text, so each imports torch and the standard library only.

A class names in `needs` the functions and classes of its own file that must be copied along with it.
"""
