"""Keys by which titles are compared: independent of notation, but not of digits."""

from hashlib import sha1

from opendata_spiders.normalise.notation import sense


def title_key(title: object) -> str:
    """Fold a title so that two notations of one title are equal; «2022年…» and «2023年…» stay apart.

    Idempotent: a key is its own key.
    """
    return sense(title)


def second_key(title: object, office: object) -> str:
    """Hash of title and office: finds a dataset again when its portal has given it a new id."""
    return sha1(f"{sense(title)}|{sense(office)}".encode(), usedforsecurity=False).hexdigest()
