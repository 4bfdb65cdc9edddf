"""Keys that survive what portals do to titles: brackets, blanks and letter width come and go, digits do not."""

import re
import unicodedata
from hashlib import sha1

from opendata_spiders.normalise import texts

_IGNORED = re.compile(r"[\s()\[\]{}<>【】〔〕〖〗〘〙〚〛《》〈〉「」『』«»\"'“”‘’`]+")


def title_key(title: object) -> str:
    """Fold a title so that two spellings of one title are equal; «2022年…» and «2023年…» stay apart.

    Idempotent: a key is its own key.
    """
    key = texts.text(title) or ""
    while (folded := _fold(key)) != key:
        key = folded
    return key


def second_key(title: object, office: object) -> str:
    """Hash of title and office: finds a dataset again when its portal has given it a new id."""
    folded = unicodedata.normalize("NFKC", texts.text(office) or "")
    return sha1(f"{title_key(title)}|{folded}".encode(), usedforsecurity=False).hexdigest()


def _fold(key: str) -> str:
    return unicodedata.normalize("NFKC", _IGNORED.sub("", unicodedata.normalize("NFKC", key.casefold())))
