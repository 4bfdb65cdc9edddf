"""Digests: what one reader is told of a stretch of nights, composed, ordered, rendered and handed to the outbox."""
