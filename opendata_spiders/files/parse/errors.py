"""Why a file could not be read."""


class UnreadableError(ValueError):
    """Raised when a file cannot be read as what it is."""


class ReaderError(RuntimeError):
    """Raised when our own reader fails; says nothing about the file."""
