"""Nights in the database, and the commands."""

from tests.tales.fixtures import alerts, environment, put, tell

__all__ = ["alerts", "environment", "put", "tell"]
