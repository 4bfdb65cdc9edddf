"""Nights told as small tables."""

from tests.tales.fixtures import tale, tell

__all__ = ["tale", "tell"]
