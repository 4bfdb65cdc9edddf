"""What alerts keeps in the database beside events: queries over it, faults of single parts, shared enclosures."""
