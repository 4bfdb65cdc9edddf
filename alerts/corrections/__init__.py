"""Taking back what was wrong: visibly, by further events; nothing that was written is changed or deleted."""
