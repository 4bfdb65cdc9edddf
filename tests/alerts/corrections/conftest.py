"""Nights of a portal in the database, told as in the tests of the diff, and the commands as a person calls them."""

from tests.tales.fixtures import alerts, environment, put, tell

__all__ = ["alerts", "environment", "put", "tell"]
