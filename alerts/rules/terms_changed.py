"""A portal changed its terms of use: stated when the new text was read on two nights.

Compared are the sentences of two texts of one document; the hash decides whether they differ, so that navigation,
counters and white space do not count (`opendata_spiders/terms/reading.py`). Of a file only hash and size are known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from alerts.comparison.event_builder import PORTAL, Draft
from alerts.model.policy import EventPolicy
from alerts.records.terms import TERMS_CHANGED, TermsPeriod
from opendata_spiders.normalise.texts import fold

_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]*")


def draft_terms_changed(periods: Sequence[TermsPeriod], policy: EventPolicy) -> Iterator[tuple[TermsPeriod, Draft]]:
    """Each change of one document's text, with the period that it begins."""
    for document in dict.fromkeys(one.text.document for one in periods):
        for before, after in pairwise(one for one in periods if one.text.document == document):
            if before.text.hash != after.text.hash:
                yield after, _draft(before, after, policy)


def _draft(before: TermsPeriod, after: TermsPeriod, policy: EventPolicy) -> Draft:
    old, new = before.text, after.text
    is_text = bool(old.text and new.text)
    gone, came = _differing(_sentences(old.text), _sentences(new.text)) if is_text else ([], [])
    evidence = {
        "document": new.document or new.title,
        "terms_taken_out": _bounded(gone, policy),
        "terms_added": _bounded(came, policy),
        "sentences_out": len(gone) if is_text else None,
        "sentences_in": len(came) if is_text else None,
        "hash_before": old.hash,
        "hash_after": new.hash,
        "read_before": before.last_read,
        "read_after": after.since,
        "read_again": after.confirmed_at,
        "size_before": old.size,
        "size_after": new.size,
        "form": new.form,
        "found": new.found,
        "url": new.url,
    }
    return Draft(TERMS_CHANGED, subject=f"{PORTAL}\n{new.id}", since=after.since, evidence=evidence)


def _sentences(text: str) -> list[str]:
    return [one for found in _SENTENCE.finditer(text) if (one := found[0].strip())]


def _differing(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences that only one of the two has, in their order."""
    matcher = SequenceMatcher(None, [fold(one) for one in before], [fold(one) for one in after], autojunk=False)
    parts = [one for one in matcher.get_opcodes() if one[0] != "equal"]
    gone = [one for _, start, end, _, _ in parts for one in before[start:end]]
    came = [one for _, _, _, start, end in parts for one in after[start:end]]
    return gone, came


def _bounded(sentences: Iterable[str], policy: EventPolicy) -> list[str]:
    return [one[: policy.terms_chars] for one in list(sentences)[: policy.terms_sentences]]
