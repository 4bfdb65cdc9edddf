"""Public static output: event pages, index page, feeds, and evidence archives of single events."""
