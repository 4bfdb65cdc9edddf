"""The terms of use that an invented portal shows, as readings of its nights keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from opendata_spiders.store.models import Run
from opendata_spiders.store.terms import TermsText, noted_terms
from opendata_spiders.terms.policy import terms_policy
from tests.tales.shelf import digest


@dataclass
class Notice:
    """The texts kept of one portal, by id; `tests/store/test_terms.py` has them in a real database."""

    texts: dict[str, TermsText] = field(default_factory=dict)

    def read(self, night: Mapping[str, Any], run: Run) -> None:
        """`terms`: the text that is read two hours after the list; `document` and `form` where they are others."""
        if "terms" not in night:
            return
        said, document, form = night["terms"], night.get("document", "使用条款"), night.get("form", "html")
        fingerprint = digest([said])
        text = TermsText(
            id=f"{document}:{fingerprint}", portal=run.portal, slug=run.slug, document=document,
            url="https://p.example/terms", found=document, title=document, form=form,
            text=said if form == "html" else "", cut=False, size=len(said), hash=fingerprint,
        )  # fmt: skip
        apart = timedelta(hours=terms_policy().apart_hours)
        kept = [one for one in self.texts.values() if one.document == document]
        noted = noted_terms(kept, text, run.at + timedelta(hours=2), apart)
        self.texts[noted.id] = noted
