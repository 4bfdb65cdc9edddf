"""Evidence archives: one event with all its evidence, in a file that can be verified and printed independently."""
