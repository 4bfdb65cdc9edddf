"""Nights told as small tables: the tests of the alerts put them into memory or into the database."""
