"""From a finished message to a confirmed one: the outbox, targets, services, pace, retries; mail, chat and webhook."""
