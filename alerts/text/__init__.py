"""What turns values into words for readers: phrasings, labels, templates, sanitised portal text, masked secrets."""
