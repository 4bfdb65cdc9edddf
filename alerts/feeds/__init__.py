"""Atom and JSON feeds for the country, each province and each city."""
