"""Events and their kinds, thresholds, sections of a digest, states, places."""
