"""`python -m alerts send`: deliver what the outbox holds."""

import os
import sys

import click

from alerts.cli.output import Output, answers
from alerts.cli.session import session
from alerts.cli.subscribers import read, with_mutes
from alerts.delivery import outbox
from alerts.delivery.courier import Courier
from alerts.delivery.retention import prune
from alerts.digest.notice import notify_operators
from alerts.records.isolation import apart, attempts, record, told
from alerts.text.masking import install
from opendata_spiders.exits import Exit
from opendata_spiders.store.clock import real_now

_BAD = frozenset({"failed", "dead"})
_GONE = frozenset({"confirmed", "sent"})


@click.command("send")
@answers
def send(*, out: Output) -> None:
    """Deliver what is due; exit status 0 if all of it was confirmed or nothing was due, 1 if something failed."""
    install()
    with session() as opened:
        subscribers = read(opened.register)
        if subscribers is None:
            return
        sent = Courier.of(opened.store, with_mutes(opened.store, subscribers, opened.now)).send_all()
        with attempts() as made:
            with apart("notice", "to operators"):
                notify_operators(opened.store, subscribers, sent)
            with apart("pruning", "of what nothing needs"):
                prune(opened.store, now=real_now(), domain=opened.now)
        record(opened.store, "send", made, opened.now)
        left = outbox.waiting(opened.store)
    count = sum(one.result in _GONE for one in sent)
    lines = [
        f"{one.result}  {one.delivery.subscriber} #{one.delivery.index} {one.label}{one.error and f': {one.error}'}"
        for one in sent
    ]
    rows = [
        {
            "delivery": one.delivery.id,
            "subscriber": one.delivery.subscriber,
            "target": one.delivery.index,
            "address": one.label,
            "kind": one.delivery.kind,
            "subject": one.delivery.subject,
            "result": one.result,
            "error": one.error,
        }
        for one in sent
    ]
    out.say({"sent": rows, "waiting": left}, *lines, f"Sent: {count}; still in the outbox: {left}")
    if made.failed:
        click.echo(f"Error: {told(made)}", err=True)
    status = Exit.FAILED if made.failed or any(one.result in _BAD for one in sent) else Exit.DONE
    if any(one.unfinished for one in sent):
        # A thread may still wait for a service that does not answer; a normal exit would wait for the thread.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
