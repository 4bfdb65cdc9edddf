"""Feeds of single datasets and of each subscriber's watches, quiet events included.

A subscriber's feed has a name that nobody can guess (a keyed hash), because it tells what is watched.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence

from alerts.audience.watches import Key, Watch, watches
from alerts.delivery.outbox import key as secret_key
from alerts.exports.policy import policy
from alerts.exports.source import Source
from alerts.model.events import Event
from alerts.model.sections import concerns
from alerts.publish.feeds import Feed, FeedEntry, as_atom, as_json
from alerts.publish.folder import Folder
from alerts.records.isolation import apart
from alerts.records.queries import Withdrawals, newest_of
from alerts.text.labels import Both, paired
from alerts.text.links import feed_path, short_hash
from alerts.text.sanitising import clean, inert, inert_url
from alerts.text.statements import place_name, statement_of
from alerts.text.wording import LANGUAGES
from opendata_spiders.store.store import Store

_TITLE_CHARS = 80


def dataset_file(portal: str, dataset: str) -> str:
    """File name of a dataset's feed below `feeds/`, without extension; native ids are fit for no file name."""
    return f"dataset-{short_hash(f'{portal}:{dataset}')}"


def watch_file(store: Store, subscriber: str) -> str:
    """File name of the feed of a subscriber's watches below `feeds/`, without extension."""
    return f"watch-{hmac.new(secret_key(store), f'feed {subscriber}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def dataset_feed(source: Source, portal: str, dataset: str) -> Feed:
    """The feed of one dataset, named after the title it has now; without entries where nothing was stated of it."""
    found = newest_of(source.store, [(portal, dataset)], policy().feed_entries)
    events = [event for event in found if concerns("reader", event.kind)]
    place = place_name(events[0].slug, source.places) if events else Both("", "")
    title = inert(clean(next((one.title for one in events if one.title), dataset), _TITLE_CHARS))
    name = Both(*(f"{one} · {title}".removeprefix(" · ") for one in (place.zh, place.en)))
    return Feed(dataset_file(portal, dataset), name, _entries(source, events), source.site_url)


def watch_feed(source: Source, subscriber: str, watched: Iterable[Watch]) -> Feed:
    """The feed of the datasets that one subscriber watches, under their former ids too."""
    keys = [(one.portal, name) for one in watched for name in (one.dataset, *one.was)]
    events = newest_of(source.store, keys, policy().feed_entries)
    name: Both = paired("sections")["watched"]
    return Feed(watch_file(source.store, subscriber), name, _entries(source, events), source.site_url)


def write_dataset_feeds(source: Source, folder: Folder, datasets: Iterable[Key]) -> None:
    """Write the feeds of these datasets; one that fails is recorded and the others follow. Raises OSError."""
    for portal, dataset in datasets:
        with apart("feed", f"{portal}:{dataset}"):
            _write(folder, dataset_feed(source, portal, dataset))


def write_watch_feeds(source: Source, folder: Folder) -> None:
    """Write the feed of every subscriber who watches something, and of every watched dataset. Raises OSError."""
    mine: dict[str, list[Watch]] = defaultdict(list)
    for watch in watches(source.store):
        mine[watch.subscriber].append(watch)
    for subscriber, watched in mine.items():
        with apart("feed", subscriber):
            _write(folder, watch_feed(source, subscriber, watched))
    write_dataset_feeds(source, folder, sorted({one.key for watched in mine.values() for one in watched}))


def _write(folder: Folder, feed: Feed) -> None:
    for language in LANGUAGES:
        folder.put(f"{language}/{feed_path(feed.file, 'atom')}", as_atom(feed, language))
        folder.put(f"{language}/{feed_path(feed.file, 'json')}", as_json(feed, language))


def _entries(source: Source, events: Sequence[Event]) -> tuple[FeedEntry, ...]:
    withdrawals = Withdrawals(source.store)
    found = []
    for event in events:
        with apart("event", event.id):
            place = source.places.get(event.slug)
            link = inert_url(event.page_url, place.host if place else "")
            words, withdrawn = statement_of(event, source.places), withdrawals.at(event.id)
            found.append(FeedEntry(event, words, withdrawn, link))
    return tuple(found)
