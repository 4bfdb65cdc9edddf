"""Celery over RabbitMQ or Redis: the only module that imports it.

A task is the name of an item, and nothing depends on what the broker keeps: a task is acknowledged when it is done and
redelivered when its worker is lost, no result is stored, and what it does a second time does no harm.
"""

import multiprocessing
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from celery import Celery, signals
from kombu.exceptions import ChannelError, OperationalError

from alerts.cluster.dispatch import BrokerError
from alerts.cluster.work import KINDS, do

VISIBILITY = timedelta(hours=24)
"""After which Redis delivers again what was not acknowledged: longer than a unit takes. What is delivered too early is
refused by the claim of the worker that has it."""
_ANSWER_SECONDS = 1.0
"""How long workers may take to say that they are there."""
_STOPPING = multiprocessing.Event()
"""Set in a worker that is to end, and seen in its processes."""


class CeleryBroker:
    """The broker at one address, as it serves the workers of one database."""

    def __init__(self, address: str, database: str) -> None:
        self._queue = f"nightwatch.{database}"
        self._app = Celery("nightwatch", broker=address, set_as_current=False)
        self._app.conf.update(
            task_default_queue=self._queue,
            task_acks_late=True,
            task_reject_on_worker_lost=True,
            task_ignore_result=True,
            task_serializer="json",
            accept_content=["json"],
            worker_prefetch_multiplier=1,
            worker_max_tasks_per_child=100,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            broker_use_ssl=_tls(address),
            broker_transport_options={"visibility_timeout": int(VISIBILITY.total_seconds())},
        )
        for kind in KINDS:
            self._app.task(name=_task(kind))(_work_of(kind))

    def send(self, kind: str, item: str) -> None:
        """Send the name of an item to the worker that is free first. Raises BrokerError."""
        with self._connected() as connection:
            self._app.send_task(_task(kind), (item,), retry=False, connection=connection)

    def waiting(self) -> int:
        """How many messages no worker has received yet. Raises BrokerError."""
        with self._connected() as connection:
            try:
                return int(connection.default_channel.queue_declare(self._queue, passive=True).message_count)
            except ChannelError:  # nobody has made the queue yet
                return 0

    def workers(self) -> Mapping[str, int]:
        """The workers that answer, by name: how many items each does at once. Raises BrokerError."""
        with self._connected() as connection:
            answers = self._app.control.inspect(timeout=_ANSWER_SECONDS, connection=connection).stats() or {}
        return {name: int(one["pool"]["max-concurrency"]) for name, one in sorted(answers.items())}

    def work(self, name: str, at_once: int) -> None:
        """Be a worker, until somebody stops this process."""
        signals.worker_shutting_down.connect(_stop)
        options = ("--pool=prefork", f"--concurrency={at_once}", f"--hostname={name}", "--loglevel=INFO")
        self._app.worker_main(["worker", *options, "--without-mingle", "--without-gossip"])

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        connection = self._app.connection_for_write()
        try:
            with connection:
                connection.ensure_connection(max_retries=1, timeout=_ANSWER_SECONDS)
                yield connection
        except (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors) as error:
            why = f"The broker at {connection.as_uri()} does not serve us ({type(error.__cause__ or error).__name__})"
            raise BrokerError(f"{why}: start it, or correct CLUSTER_BROKER") from None


def _task(kind: str) -> str:
    return f"nightwatch.{kind}"


def _work_of(kind: str) -> Any:
    def work(item: str) -> None:
        do(kind, item, _STOPPING.is_set)

    return work


def _stop(**_: Any) -> None:
    """Have the worker's processes begin no further portal; Celery waits for the ones that are being read."""
    _STOPPING.set()


def _tls(address: str) -> Mapping[str, Any] | None:
    """How a broker over TLS proves who it is; by default Celery would ask for no proof.

    By a certificate for its host name, from an authority that this machine trusts (or that SSL_CERT_FILE names).
    """
    parts = urlsplit(address)
    options: Mapping[str, Mapping[str, Any]] = {
        "amqps": {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname},
        "rediss": {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True},
    }
    return options.get(parts.scheme)
