"""What an ordinary family declares instead of programming: two calls, and how their answers are read."""

from opendata_spiders.declared.answers import InUtc
from opendata_spiders.declared.calls import AJAX, OMIT, AsJson, AsText, Call, Slot, Tenant
from opendata_spiders.declared.deep_lists import DeepFamily
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.declared.html_pages import FieldPlaces, HtmlDetail, HtmlList
from opendata_spiders.declared.json_pages import BARE, JsonDetail, JsonList
from opendata_spiders.declared.json_tables import JsonTable
from opendata_spiders.declared.linked_pages import LinkedPages
from opendata_spiders.declared.parted_lists import PartedFamily

__all__ = [
    "AJAX",
    "BARE",
    "OMIT",
    "AsJson",
    "AsText",
    "Call",
    "DeclaredFamily",
    "DeepFamily",
    "FieldPlaces",
    "HtmlDetail",
    "HtmlList",
    "InUtc",
    "JsonDetail",
    "JsonList",
    "JsonTable",
    "LinkedPages",
    "PartedFamily",
    "Slot",
    "Tenant",
]
