"""One module a family: portals that run the same software."""
