"""One module a reported phenomenon: pure functions from a comparison and what was believed to events."""
