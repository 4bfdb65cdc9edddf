"""Text in, vocabulary out: what portals write, read into dates, promises, terms, categories and numbers.

Pure functions over plain values. None of them raises on what a portal wrote; what is odd is stated as a finding and
the raw value stays beside the reading. The vocabularies are the csv files of this package (docs/vocabularies.md).
"""

from opendata_spiders.normalise.dates import DateReading, newest_update, plausible
from opendata_spiders.normalise.dates import date_reading as date
from opendata_spiders.normalise.file_formats import FORMATS, FormatReading, format_reading, formats
from opendata_spiders.normalise.key_data import KINDS, key_data
from opendata_spiders.normalise.keys import second_key, title_key
from opendata_spiders.normalise.notation import sense, senses
from opendata_spiders.normalise.numbers import number
from opendata_spiders.normalise.open_types import OpenReading, open_type
from opendata_spiders.normalise.promises import Promise, frequency, promise_of
from opendata_spiders.normalise.record import Normalised, normalise
from opendata_spiders.normalise.texts import raw_text, text
from opendata_spiders.normalise.topics import THEMES, ThemeReading, content_theme, themes

NORMALISER_VERSION = 2
"""Raised whenever a reading changes for any input: states then re-baseline in silence."""

__all__ = [
    "FORMATS",
    "KINDS",
    "NORMALISER_VERSION",
    "THEMES",
    "DateReading",
    "FormatReading",
    "Normalised",
    "OpenReading",
    "Promise",
    "ThemeReading",
    "content_theme",
    "date",
    "format_reading",
    "formats",
    "frequency",
    "key_data",
    "newest_update",
    "normalise",
    "number",
    "open_type",
    "plausible",
    "promise_of",
    "raw_text",
    "second_key",
    "sense",
    "senses",
    "text",
    "themes",
    "title_key",
]
