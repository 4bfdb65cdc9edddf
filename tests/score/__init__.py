"""Judges the diff by a score: years of nights from seeded worlds whose truth is known, stated events against it.

Nothing here uses the rules of the diff: the world knows what it did, and the book of truth knows from the nights'
verdicts alone by when a watch could have known it.
"""
