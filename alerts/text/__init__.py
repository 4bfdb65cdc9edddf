"""Texts for readers: phrasings, labels, templates, sanitised portal text, masked secrets."""
