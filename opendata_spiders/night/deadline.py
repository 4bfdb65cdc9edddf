"""When a night has to end."""

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_HOURS = re.compile(r"(\d+(?:\.\d+)?)h?")


def deadline(text: str, now: datetime) -> datetime:
    """Return the moment that `HH:MM` (the next time the clock of `now`'s zone shows it) or a number of hours names.

    Raises ValueError for any other text.
    """
    if (clock := _CLOCK.fullmatch(text)) and int(clock[1]) < 24 and int(clock[2]) < 60:
        then = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return then if then > now else then + timedelta(days=1)
    if hours := _HOURS.fullmatch(text):
        return now + timedelta(hours=float(hours[1]))
    raise ValueError(f"{text!r} is neither a time of day nor hours: write 06:30, or 8h")
