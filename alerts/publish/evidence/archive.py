"""The evidence archive as a zip; the same event and records always give the same bytes."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from alerts.publish.evidence.gather import Dossier, Side
from alerts.publish.evidence.page import page
from alerts.text.jsonable import jsonable
from opendata_spiders.store.runs import to_document

MANIFEST = "MANIFEST.txt"
PAGE = "page.html"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_LEVEL = 6


def archive(dossier: Dossier) -> bytes:
    """A zip with event, runs, manifest entries, versions, raw bodies, terms, the page, and the hash of each file."""
    files = dict(_files(dossier))
    files[PAGE] = page(dossier, sorted(files)).encode("utf-8", "replace")
    # Lines that `sha256sum -c` understands.
    hashes = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    files[MANIFEST] = "".join(hashes).encode()
    out = io.BytesIO()
    with ZipFile(out, "w") as packed:
        for name in sorted(files):
            info = ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, 0o644 << 16
            packed.writestr(info, files[name], compresslevel=_LEVEL)
    return out.getvalue()


def _files(dossier: Dossier) -> Iterator[tuple[str, bytes]]:
    yield "event.json", _json(dossier.event)
    if dossier.corrections:
        yield "corrections.json", _json(dossier.corrections)
    yield "compared.json", _json(dict(zip(("before", "after"), dossier.compared, strict=True)))
    for looked in dossier.rounds:
        yield f"rounds/{_safe(looked.id)}.json", _json(looked)
    for text in dossier.terms:
        yield f"terms/{_safe(text.hash)}.json", _json(text)
        yield f"terms/{_safe(text.hash)}.txt", text.text.encode("utf-8", "surrogatepass")
    for run in dossier.runs:
        # The run as it was committed, and a person's regrade beside it under a key of its own.
        regrade = dossier.regraded.get(run.id)
        told = {"run": to_document(run)} | ({"regraded": regrade} if regrade else {})
        yield f"runs/{_safe(run.id)}.json", _json(told)
    for number, subject in enumerate(dossier.subjects, start=1):
        folder = f"datasets/{number:04}"
        yield f"{folder}/dataset.json", _json({"id": subject.dataset, "title": subject.title})
        for name, side in (("before", subject.before), ("after", subject.after)):
            yield from _side(f"{folder}/{name}", side)


def _side(folder: str, side: Side | None) -> Iterator[tuple[str, bytes]]:
    """The entry (null if the run did not list the dataset), the version's content, and the raw bodies."""
    if side is None:
        return
    yield f"{folder}/entry.json", _json({"run": side.run, "entry": side.entry})
    version = side.version
    if version is None:
        return
    content = {name: value for name, value in asdict(version).items() if name not in ("list_body", "detail_body")}
    yield f"{folder}/version.json", _json(content)
    for name, body in (("list-row", version.list_body), ("detail", version.detail_body)):
        if body:
            # Always with the ending .txt, so that no browser runs a portal's page.
            yield f"{folder}/raw/{name}.txt", body.encode("utf-8", "surrogatepass")


def _safe(name: str) -> str:
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in name)


def _json(value: Any) -> bytes:
    told = jsonable(value, lambda moment: moment.astimezone(UTC).isoformat())
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")
