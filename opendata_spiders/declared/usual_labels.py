"""The labels that portals of many families print, for pages whose own labels are not attested."""

from collections.abc import Mapping
from typing import Final

from opendata_spiders.normalise.field_words import usual_labels

USUAL_LABELS: Final[Mapping[str, str]] = usual_labels()
"""Label (NFKC, without blanks and colon) to field. A family that reads by them says so in its recipe: that its portal
prints these words is a guess, which the first live reading settles."""
