"""The archive: the same event on the same records always gives the same bytes."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from alerts.model.states import plain
from alerts.publish.evidence.gather import Dossier, Side, Subject
from alerts.publish.evidence.page import page
from opendata_spiders.store.models import Run
from opendata_spiders.store.runs import to_document

MANIFEST = "MANIFEST.txt"
PAGE = "page.html"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_LEVEL = 6

Files = dict[str, bytes]


def archive(dossier: Dossier) -> bytes:
    """A zip with event, runs, manifest entries, versions, raw bodies, the page, and the hash of each file."""
    files = dict(_files(dossier))
    files[PAGE] = page(dossier, sorted(files)).encode("utf-8", "replace")
    files[MANIFEST] = _manifest(files)
    return _zipped(files)


def _manifest(files: Mapping[str, bytes]) -> bytes:
    """Lines that `sha256sum -c` understands."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as packed:
        for name in sorted(files):
            info = ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, 0o644 << 16
            packed.writestr(info, files[name], compresslevel=_LEVEL)
    return out.getvalue()


def _files(dossier: Dossier) -> Iterator[tuple[str, bytes]]:
    yield "event.json", _json(asdict(dossier.event))
    if dossier.corrections:
        yield "corrections.json", _json([asdict(one) for one in dossier.corrections])
    yield "compared.json", _json(dict(zip(("before", "after"), dossier.compared, strict=True)))
    for looked in dossier.rounds:
        yield f"rounds/{_safe(looked.id)}.json", _json(asdict(looked))
    for run in dossier.runs:
        yield f"runs/{_safe(run.id)}.json", _json(_run(run, dossier))
    for number, subject in enumerate(dossier.subjects, start=1):
        yield from _subject(f"datasets/{number:04}", subject)


def _run(run: Run, dossier: Dossier) -> Mapping[str, Any]:
    """The run document as it was committed; a person's regrade beside it, under a name of its own."""
    regrade = dossier.regraded.get(run.id)
    return {"run": to_document(run)} | ({"regraded": asdict(regrade)} if regrade else {})


def _subject(folder: str, subject: Subject) -> Iterator[tuple[str, bytes]]:
    yield f"{folder}/dataset.json", _json({"id": subject.dataset, "title": subject.title})
    for name, side in (("before", subject.before), ("after", subject.after)):
        yield from _side(f"{folder}/{name}", side)


def _side(folder: str, side: Side | None) -> Iterator[tuple[str, bytes]]:
    """The entry (null where the run did not list the dataset), the version's content, and the bodies as read."""
    if side is None:
        return
    entry = asdict(side.entry) if side.entry else None
    yield f"{folder}/entry.json", _json({"run": side.run, "entry": entry})
    version = side.version
    if version is None:
        return
    content = {name: value for name, value in asdict(version).items() if name not in ("list_body", "detail_body")}
    yield f"{folder}/version.json", _json(content)
    for name, body in (("list-row", version.list_body), ("detail", version.detail_body)):
        if body:
            # Plain text whatever it holds: nobody's browser shall run a portal's page.
            yield f"{folder}/raw/{name}.txt", body.encode("utf-8", "surrogatepass")


def _safe(name: str) -> str:
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in name)


def _json(value: Any) -> bytes:
    text = json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True, default=_other)
    return (text + "\n").encode("utf-8", "surrogatepass")


def _other(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
