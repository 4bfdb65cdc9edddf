"""The metadata audit: faults of catalogue entries in their present state, independent of changes."""
