"""Input and output of every rule: the run, its differences from the known catalogue, and drafts of events."""
