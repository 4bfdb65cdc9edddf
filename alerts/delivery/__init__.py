"""Delivers messages and confirms delivery: outbox, targets, services, pace, retries; mail, chat and webhook."""
