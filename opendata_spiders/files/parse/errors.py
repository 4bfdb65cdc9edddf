"""Why a file could not be read."""


class UnreadableError(ValueError):
    """Raised when a file cannot be read as what it is."""


class ReaderError(RuntimeError):
    """Raised when a reader of ours breaks down; says nothing of the file."""
