"""What can go wrong with the store; every message is one plain sentence with the next step in it."""


class StoreError(Exception):
    """Raised when the store refuses to do something; base of all the others."""


class ConfigError(StoreError):
    """Raised when a setting makes no sense; the message names the variable and where it came from."""


class StoreUnavailableError(StoreError):
    """Raised when no MongoDB can be reached or started."""


class NoRoomError(StoreUnavailableError):
    """Raised before a reading when the disk of the database is nearly full."""


class SchemaError(StoreError):
    """Raised when the database was written by a newer version of this project, or is not one of ours."""


class DocumentError(StoreError, ValueError):
    """Raised when a document lacks fields of its dataclass, or holds other types."""


class ClockError(StoreError):
    """Raised when `WATCH_NOW` is set for a database in real time, or would go back in time."""


class LeaseHeldError(StoreError):
    """Raised when another process is reading the same portal."""


class NightRunningError(StoreError):
    """Raised when another night reads the same database; the message says which, and since when."""


class HostHeldError(LeaseHeldError):
    """Raised while another portal of the same host group is being read: one reader at a time asks its servers."""


class LeaseLostError(StoreError):
    """Raised when a run was declared abandoned by another process while it was still going."""


class PrunedError(StoreError):
    """Raised when a list is asked for that was thinned out with other old readings."""
