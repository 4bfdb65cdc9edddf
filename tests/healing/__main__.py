"""`python -m tests.healing [FAMILY …]`: every family after each kind of rewriting, as a table."""

import sys
import tempfile
from collections import Counter
from itertools import product
from pathlib import Path

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
from tests.healing.bench import Mended, mend, played_families
from tests.replica.moved import Scheme


def main(words: list[str]) -> int:
    schemes = [Scheme(word) for word in words if word in set(Scheme)] or list(Scheme)
    wanted = [word for word in words if word not in set(Scheme)]
    portals = {name: one for name, one in played_families().items() if not wanted or name in wanted}
    done: list[Mended] = []
    with tempfile.TemporaryDirectory() as place, embedded_server(StoreConfig(data_dir=Path(place) / "db")) as server:
        for turn, (number, portal) in product(range(len(schemes)), enumerate(portals.values())):
            scheme = schemes[(number + turn) % len(schemes)]
            config = StoreConfig(uri=server.uri, database=f"healing_{scheme}_{number}")
            done.append(mend(portal, scheme, config, Path(place) / f"{scheme}-{portal.slug}"))
            print(line(done[-1]), flush=True)
    for scheme in schemes:
        print(summary(scheme, [one for one in done if one.scheme is scheme]))
    return int(any(one.wrong or one.result == "failed" for one in done))


def line(one: Mended) -> str:
    if one.result != "drafted":
        return f"{one.scheme:<10} {one.family:<26} {one.result:<8} {one.said}"
    left = ", ".join(f"{name} ({one.not_proven.get(name)})" for name in sorted({*one.known} - one.read))
    wrong = f"  WRONG: {', '.join(one.wrong)}" if one.wrong else ""
    ids = "ids" if one.ids_survive else "new ids"
    return (
        f"{one.scheme:<10} {one.family:<26} drafted  {len(one.read):>2} of {len(one.known):>2} fields  "
        f"{one.found}/{one.rows} again  {ids:<7}  {one.requests:>3} requests  {one.seconds:4.1f} s  without: {left}{wrong}"
    )


def summary(scheme: Scheme, done: list[Mended]) -> str:
    counts = Counter(one.result for one in done)
    drafted = [one for one in done if one.result == "drafted"]
    read, known = sum(len(one.read) for one in drafted), sum(len(one.known) for one in drafted)
    said = ", ".join(f"{count} {result}" for result, count in counts.most_common())
    seconds = sum(one.seconds for one in drafted) / max(1, len(drafted))
    return (
        f"{scheme}: {said} of {len(done)} families; {read} of {known} fields; "
        f"wrong fields: {sum(len(one.wrong) for one in drafted)}; {seconds:.1f} s each"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
