"""What an ordinary family declares instead of programming: two calls, and how their answers are read."""

from opendata_spiders.declared.calls import AJAX, OMIT, AsJson, AsText, Call, Slot, Tenant
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.declared.html_pages import FieldPlaces, HtmlDetail, HtmlList
from opendata_spiders.declared.json_pages import JsonDetail, JsonList
from opendata_spiders.declared.linked_pages import LinkedPages
from opendata_spiders.declared.parted_lists import PartedFamily

__all__ = [
    "AJAX",
    "OMIT",
    "AsJson",
    "AsText",
    "Call",
    "DeclaredFamily",
    "FieldPlaces",
    "HtmlDetail",
    "HtmlList",
    "JsonDetail",
    "JsonList",
    "LinkedPages",
    "PartedFamily",
    "Slot",
    "Tenant",
]
