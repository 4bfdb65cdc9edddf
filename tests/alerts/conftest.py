"""Nights and looks at files told as small tables, in memory and in the database, and the commands as people call them."""

from tests.tales.fixtures import alerts, environment, put, tale, tell

__all__ = ["alerts", "environment", "put", "tale", "tell"]
