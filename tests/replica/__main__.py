"""`python -m tests.replica`: serves simulated portals until interrupted, and prints how to crawl them."""

from collections.abc import Sequence
from threading import Event

import click

from opendata_spiders.register import Portal, Register, load
from tests.replica import PortalSpec, Replica, World
from tests.replica.declared.portals import declared_spec
from tests.replica.stage import BY_HAND


def spec_of(portal: Portal, register: Register, datasets: int) -> PortalSpec:
    """Return the spec that simulates a registered portal; raise NotPlayedError for a family that cannot be simulated."""
    if portal.family not in BY_HAND:
        return declared_spec(portal, datasets=datasets)
    government = register.governments.get(portal.government or "")
    return PortalSpec(
        slug=portal.slug,
        family=portal.family,
        short_zh=government.short_zh if government else portal.short_zh,
        adcode=portal.government or "000000",
        context_path=portal.context_path,
        division=portal.tenant.get("divisionId") or portal.tenant.get("filterParamCode", ""),
        datasets=datasets,
    )


@click.command()
@click.option(
    "--port", default=8099, show_default=True, help="First port; every other host takes one more. 0: any free."
)
@click.option("--nights", default=0, show_default=True, help="The night to begin with.")
@click.option("--seed", default=7, show_default=True)
@click.option("--portals", default="guiyang,jinan", show_default=True, help="Slugs of the register, comma-separated.")
@click.option("--datasets", default=200, show_default=True, help="Datasets of each portal.")
def main(port: int, nights: int, seed: int, portals: str, datasets: int) -> None:
    """Simulate portals on 127.0.0.1 from one seeded world."""
    specs = _specs(portals, datasets)
    with _bound(World(specs, seed=seed), port) as replica:
        replica.night = nights
        _explain(replica, specs)
        try:
            Event().wait()
        except KeyboardInterrupt:
            print("\nStopped.")


def _specs(portals: str, datasets: int) -> list[PortalSpec]:
    try:
        register = load()
        return [spec_of(portal, register, datasets) for portal in register.select(portals)]
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _bound(world: World, port: int) -> Replica:
    try:
        return Replica(world, port=port)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} or one after it cannot be used ({error.strerror}); choose others with --port, or --port 0."
        ) from None


def _explain(replica: Replica, specs: Sequence[PortalSpec]) -> None:
    now = replica.world.moment(replica.night).isoformat()
    print(f"Night {replica.night} ({now}). To read these portals with a clock that agrees:\n")
    for spec in specs:
        print(
            f"  WATCH_NOW={now} MONGODB_DATABASE=replica scrapy crawl {spec.slug} -a base_url={replica.url(spec.slug)}"
        )
    print(f"\nNext night:   curl -d '{{\"night\": {replica.night + 1}}}' {replica.control_url}night")
    print(
        f'An incident:  curl -d \'{{"portal": "{specs[0].slug}", "kind": "refuses", "first": 1}}\' {replica.control_url}incidents'
    )
    print(f"What was asked: curl {replica.control_url}log\nCtrl-C stops.", flush=True)


if __name__ == "__main__":
    main()
