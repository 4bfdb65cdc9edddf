"""Static output for everybody: event pages, index, feeds, and the evidence of single events."""
