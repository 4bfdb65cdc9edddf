"""Makes deliveries from a digest: one for each target, rendered and split to the limit of its service."""

from collections.abc import Sequence
from dataclasses import replace

from alerts.audience.subscribers import Subscriber
from alerts.delivery import outbox
from alerts.delivery import webhook as signed
from alerts.delivery.outbox import Delivery, Piece
from alerts.delivery.split import split
from alerts.delivery.targets import Target
from alerts.digest.model import Digest
from alerts.digest.overdue_section import placed
from alerts.digest.render import Rendered, readable
from alerts.model.events import Event
from alerts.records.isolation import apart

DOCUMENT = "json"
"""Format for services whose recipient is a program."""
PLAIN_CHARS = 500
"""Characters of a piece that every service accepts."""
_NUMBER_ROOM = 24
"""Size reserved in every piece for the «(2/5)» before its title."""


def deliveries_of(
    subscriber: Subscriber, digest: Digest, key: bytes, version: int | str, events: Sequence[Event] = ()
) -> list[Delivery]:
    """One delivery for each target; `events` are for programs.

    A target whose own format fails gets short pieces of plain text.
    """
    attached, plain = renderings(subscriber, digest)
    made = []
    for target in subscriber.targets:
        rendered = attached if target.takes_files else plain
        ref = target.ref(key)
        bare = Delivery(
            id=outbox.delivery_id(subscriber.name, ref, version),
            subscriber=subscriber.name,
            index=target.index,
            ref=ref,
            service=target.service.name,
            kind=digest.kind.value,
            subject=digest.subject,
            language=digest.language,
            format="text",
            pieces=(),
            events=digest.events,
        )
        filled = None
        with apart("target", f"{subscriber.name} #{target.index}"):
            filled = _filled(bare, subscriber, target, digest, rendered, events)
        made.append(filled or replace(bare, pieces=_numbered(rendered, split(rendered.text, PLAIN_CHARS, len))))
    return made


def renderings(subscriber: Subscriber, digest: Digest) -> tuple[Rendered, Rendered]:
    """The digest for targets that take its table as a file, and for those that do not; the same one without a table."""
    if digest.table is None:
        whole = Rendered(digest)
        return whole, whole
    mailed = any(target.takes_files for target in subscriber.targets)
    attached, plain = (
        Rendered(placed(digest, subscriber.name, subscriber.wording, attached=here, mailed=mailed))
        for here in (True, False)
    )
    return attached, plain


def _filled(  # noqa: PLR0913, PLR0917 -- what is sent, to whom and how
    bare: Delivery, subscriber: Subscriber, target: Target, digest: Digest, rendered: Rendered, events: Sequence[Event]
) -> Delivery:
    """The delivery in the format of its service, or in the subscriber's if the service accepts that."""
    form, wish, text = target.service.format, subscriber.format, ""
    if form != DOCUMENT and (wish == "text" or (wish == "markdown" and form == "text")):
        form = wish

    if form == DOCUMENT:
        document = signed.document(
            delivery=bare.id,
            kind=bare.kind,
            language=bare.language,
            subject=bare.subject,
            text=readable(rendered.text),
            subscriber=bare.subscriber,
            events=signed.rows(events),
            events_total=len(digest.events),
        )
        pieces: tuple[Piece, ...] = (Piece(digest.subject, document),)
    elif form == "html":
        pieces, text = (Piece(digest.subject, rendered.html),), readable(rendered.text)
    else:
        body = rendered.markdown if form == "markdown" else rendered.text
        pieces = _numbered(rendered, split(body, room(target, digest.subject), target.service.size))
    attachment = digest.table.attachment if digest.table and target.takes_files else None
    return replace(bare, format=form, pieces=pieces, text=text, attachment=attachment)


def _numbered(rendered: Rendered, parts: Sequence[str]) -> tuple[Piece, ...]:
    if len(parts) == 1:
        return (Piece(rendered.subject, parts[0]),)
    count = len(parts)
    return tuple(Piece(f"({n}/{count}) {rendered.subject}", part) for n, part in enumerate(parts, start=1))


def room(target: Target, subject: str) -> int:
    """What a body may take: the title is sent with every piece, within the same limit."""
    limit = target.limit
    return max(limit - target.service.size(subject) - _NUMBER_ROOM, 1) if limit else 0
