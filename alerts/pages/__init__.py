"""The static site: a page an event, an index of what was stated and where every city stands."""
