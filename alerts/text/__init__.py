"""Everything that turns values into words for readers: phrasings, labels, sanitised portal text, masked secrets."""
