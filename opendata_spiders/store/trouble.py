"""Explains errors of the driver: a sentence that says what to do, and whether to try again."""

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from opendata_spiders.store.errors import StoreUnavailableError

BAD_PASSWORD = 18
NOT_ALLOWED = 13
_NO_ROOM = frozenset({14031})
_PASSING = frozenset({6, 7, 24, 43, 64, 89, 91, 112, 133, 134, 189, 246, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Error codes of a server that steps down, restarts, has a conflict or does not reach its majority."""
_UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError")


def is_passing(error: PyMongoError) -> bool:
    """Tell whether a retry may succeed: no connection, no primary, no majority, a conflict.

    False for a transaction that may have been committed: it must not be repeated without a check.
    """
    if error.has_error_label(_UNKNOWN_COMMIT):
        return False
    if isinstance(error, ConnectionFailure | WriteConcernError | ExecutionTimeout):
        return True
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        if details.get("writeConcernErrors") and not details.get("writeErrors"):
            return True
    return any(map(error.has_error_label, _PASSING_LABELS)) or not _PASSING.isdisjoint(_codes(error))


def explain(error: PyMongoError, subject: str, database: str) -> StoreUnavailableError:
    """Return the error to show for one of the driver: what is wrong with `subject`, a MongoDB, and what to do."""
    codes, name = _codes(error), type(error).__name__
    if isinstance(error, ConnectionFailure | WriteConcernError | ExecutionTimeout):
        why = f"stopped answering ({name}); see that it runs, then give the command again"
    elif NOT_ALLOWED in codes:
        why = f"does not let this user read and write database {database}; grant the role readWrite"
    elif BAD_PASSWORD in codes:
        why = "refused the user or password in MONGODB_URI; correct them"
    elif codes & _NO_ROOM:
        why = "has no room left on its disk; free some space there, then give the command again"
    else:
        code = f", code {min(codes)}" if codes else ""
        why = f"refused what was asked of it ({name}{code}); see its log, and please report it if that says nothing"
    return StoreUnavailableError(f"{subject} {why}")


def _codes(error: PyMongoError) -> frozenset[int]:
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        found = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
        return frozenset(one["code"] for one in found if "code" in one)
    return frozenset({error.code}) if isinstance(error, OperationFailure) and error.code else frozenset()
