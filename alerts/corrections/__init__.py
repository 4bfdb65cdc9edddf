"""Corrections: wrong events are retracted by further, visible events; nothing written is changed or deleted."""
