"""What every rule works with: the run, what it changes against the known catalogue, and how events are built."""
