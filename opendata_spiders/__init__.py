"""Reads the dataset catalogues of open-data portals into the store; knows nothing of `alerts`."""
