"""Looks for portals of governments that the register has no portal of: where they may be, and what answers there.

Nothing here writes the register: what is found is shown with the command that a person may run.
"""
