"""Nights told as small tables."""

from tests.tales.fixtures import alerts, environment, put, tale, tell

__all__ = ["alerts", "environment", "put", "tale", "tell"]
