"""`python -m alerts send`: deliver what the outbox holds."""

import os
import sys

import click

from alerts.cli.output import print_json
from alerts.cli.session import json_option, session
from alerts.cli.subscribers import read, with_mutes
from alerts.delivery import outbox
from alerts.delivery.courier import Courier, Sent
from alerts.delivery.retention import prune
from alerts.digest.notice import tell_operators
from alerts.records.isolation import apart, attempts, record, told
from alerts.text.masking import install
from opendata_spiders.store.clock import domain_now, real_now

_BAD = frozenset({"failed", "dead"})
_GONE = frozenset({"confirmed", "sent"})


@click.command("send")
@json_option
def command(*, as_json: bool) -> None:
    """Deliver what is due; exit status 0 if all of it was confirmed or nothing was due, 1 if something failed."""
    install()
    with session() as opened:
        subscribers = read(opened.register)
        if subscribers is None:
            return
        now = domain_now(os.environ)
        sent = Courier.of(opened.store, with_mutes(opened.store, subscribers, now)).send_all()
        with attempts() as made:
            with apart("notice", "to operators"):
                tell_operators(opened.store, subscribers, sent)
            with apart("pruning", "of what nothing needs"):
                prune(opened.store, now=real_now(), domain=now)
        record(opened.store, "send", made, now)
        left = outbox.waiting(opened.store)
    _print(sent, left, as_json=as_json)
    if made.failed:
        click.echo(f"Error: {told(made)}", err=True)
    status = int(bool(made.failed) or any(one.result in _BAD for one in sent))
    if any(one.unfinished for one in sent):
        # A service that hangs still has a thread of ours; waiting for it could take for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _print(sent: list[Sent], left: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"sent": [_row(one) for one in sent], "waiting": left})
        return
    for one in sent:
        error = f": {one.error}" if one.error else ""
        click.echo(f"{one.result}  {one.delivery.subscriber} #{one.delivery.index} {one.label}{error}")
    click.echo(f"Sent: {sum(one.result in _GONE for one in sent)}; still in the outbox: {left}")


def _row(one: Sent) -> dict[str, object]:
    return {
        "delivery": one.delivery.id,
        "subscriber": one.delivery.subscriber,
        "target": one.delivery.index,
        "address": one.label,
        "kind": one.delivery.kind,
        "subject": one.delivery.subject,
        "result": one.result,
        "error": one.error,
    }
