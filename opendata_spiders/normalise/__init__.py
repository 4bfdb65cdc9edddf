"""Normalises what portals write: dates, update promises, open terms, categories, numbers.

Pure functions over plain values. None of them raises on what a portal wrote; what is odd becomes a finding, and the raw
value stays beside the normalised one. The vocabularies are the csv files of this package (docs/vocabularies.md).
"""

from opendata_spiders.normalise.dates import FINDINGS as DATE_FINDINGS
from opendata_spiders.normalise.dates import (
    UPDATE_CLOCKS,
    DateReading,
    claims_update,
    newest_of,
    newest_update,
    plausible,
    update_claims,
)
from opendata_spiders.normalise.dates import date_reading as date
from opendata_spiders.normalise.file_formats import FORMATS, FormatReading, format_reading, formats
from opendata_spiders.normalise.key_data import KINDS, key_data, key_range, range_kinds
from opendata_spiders.normalise.keys import second_key, title_key
from opendata_spiders.normalise.notation import sense, senses
from opendata_spiders.normalise.numbers import number
from opendata_spiders.normalise.open_types import OpenReading, open_type
from opendata_spiders.normalise.promises import (
    BROKEN,
    JUDGED,
    Kept,
    Promise,
    PromiseStanding,
    broken_from,
    deadlines,
    detail_sweep,
    frequency,
    judged_at,
    kept,
    promise_names,
    promise_of,
    standing,
)
from opendata_spiders.normalise.record import Normalised, normalise
from opendata_spiders.normalise.texts import is_blank, raw_text, text
from opendata_spiders.normalise.topics import THEMES, ThemeReading, content_theme, themes

NORMALISER_VERSION = 4
"""Raised whenever the result changes for any input: states then take a new baseline without events."""
