"""`scrapy genspider`: writes the row of a portal, or a new family: its declaration, a row and golden pages."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any, Final

from scrapy.commands import genspider as scrapy_genspider
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from opendata_spiders.command import OptionHelpFormatter, refuse_given, settings_of, wrong_use
from opendata_spiders.exits import Exit
from opendata_spiders.fetching.addresses import place_of
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.register import RegisterError
from opendata_spiders.register.edit import FIXTURES, ROOT, add_row, government_called, new_cells, slug_of

_OVERRIDE = "override"
_BODIES: Final[Mapping[str, str]] = {"family": "body.json", "family_html": "body.html"}
"""Template of a new family to the body of its golden pages."""
_OF_ROW: Final = ("government", "outside_364", "country", "language", "timezone", "context_path", "tenant", "old_tls")
"""Options that say what a row says."""
_WHY = "Its family is being written."


class GenSpiderCommand(scrapy_genspider.Command):
    """Exit status: 0 written, 1 not written, 2 wrong use; then nothing is written either."""

    requires_project = True
    _base: Mapping[str, str] = MappingProxyType({})
    """What the template of a single portal's class says of its family."""

    def syntax(self) -> str:
        return "[options] <name> <address>"

    def short_desc(self) -> str:
        return "Write a portal's row (-t FAMILY), a family (-t family, family_html) or one portal's class (-t override)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what a row says beside name and address."""
        parser.formatter_class = OptionHelpFormatter
        super().add_options(parser)
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--government", default="", help="whose portal it is: adcode or name")
        whose.add_argument("--outside-364", default="", metavar="NAME", help="of a county or zone: its name")
        parser.add_argument("--country", default="", help="with --outside-364: ISO 3166 code, as DE (default CN)")
        parser.add_argument("--language", default="", help="of the row, as de; Chinese where not given")
        parser.add_argument("--timezone", default="", help="of the row, as Europe/Berlin; China's where not given")
        parser.add_argument("--context-path", default="", help="of the row: where the software is mounted")
        parser.add_argument("--tenant", default="", help="of the row: name=value&name=value")
        parser.add_argument("--old-tls", action="store_true", help="of the row: the server speaks old TLS only")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write what the template calls for."""
        loader = RegisterSpiderLoader(settings_of(self))
        template = opts.template
        if opts.list or opts.dump:
            super().run(args, opts)
            if opts.list:
                print("or a family, which writes a portal's row: " + " ".join(sorted(loader.families)))
            return
        if len(args) != 2:
            raise UsageError("give a name and an address", print_help=False)
        name, url = args[0], scrapy_genspider.verify_url_scheme(args[1]).rstrip("/")
        if place_of(url) is None:
            raise UsageError(f"{args[1]!r} is no address: write https://data.example.gov.cn", print_help=False)
        if not opts.outside_364:
            refuse_given(opts, "the country is that of a portal with --outside-364", "country")
        if template not in {*_BODIES, _OVERRIDE, *loader.families}:
            self._alone(name, url, opts)
        elif template == _OVERRIDE:
            refuse_given(opts, "a class for one portal leaves its row as it is", *_OF_ROW)
            self._override(loader, name, url, opts)
        elif template in _BODIES:
            refuse_given(opts, "a family is several files, none of which is opened", "edit")
            self._family(loader, name, url, opts)
        else:
            refuse_given(opts, "a row is added to a table: nothing is written over or opened", "force", "edit")
            self._row(loader, {"slug": name, "family": template, "base_url": url}, opts)

    def _row(self, loader: RegisterSpiderLoader, known: dict[str, str], opts: argparse.Namespace) -> None:
        """Add one row to the register."""
        given = {"context_path": opts.context_path, "tenant": opts.tenant, "old_tls": "yes" if opts.old_tls else "no"}
        given |= {name: value for name in ("language", "timezone") if (value := getattr(opts, name))}
        with wrong_use(RegisterError):
            if opts.outside_364:
                government = None
                given |= {"name_zh": opts.outside_364}
            else:
                government = government_called(loader.register, opts.government or known["slug"])
            cells = new_cells(loader.register, {**given, **known}, government, opts.country or "CN")
            file = add_row(cells)
        print(f"{cells['id']} {cells['slug']} ({cells['name_zh']}) in {file}")
        if cells["status"] == "active":
            print(f"Try it:\n  scrapy crawl {cells['slug']} -s STORE_ENABLED=0 -O {cells['slug']}.jsonl")

    def _family(self, loader: RegisterSpiderLoader, name: str, url: str, opts: argparse.Namespace) -> None:
        """Write a declaration, the row of its first portal and golden pages to be filled in."""
        module = ROOT / "opendata_spiders" / "families" / f"{name}.py"
        if module.exists() and not opts.force:
            raise UsageError(f"{module} exists already: --force writes over it", print_help=False)
        rows = [portal.slug for portal in loader.register.portals.values() if portal.family == name]
        if rows:
            refuse_given(opts, f"the register has its row already, which stays as it is ({rows[0]})", *_OF_ROW)
        slug = rows[0] if rows else self._free_slug(loader, name, opts)
        settings_of(self).set("NEWSPIDER_MODULE", "opendata_spiders.families", priority="cmdline")
        template = self._find_template(opts.template)
        if template is None:
            raise UsageError(f"templates/spiders/{opts.template}.tmpl is missing: restore it", print_help=False)
        self._genspider(name, name, url, opts.template, template)
        if rows:
            print(f"the register has its row already, which stays as it is: {slug}")
        else:
            known = {"slug": slug, "family": name, "base_url": url, "status": "planned", "why": _WHY}
            try:
                self._row(RegisterSpiderLoader(Settings()), known, opts)
            except UsageError:
                module.unlink()
                raise
        self._goldens(name, slug, _BODIES[opts.template])

    def _free_slug(self, loader: RegisterSpiderLoader, family: str, opts: argparse.Namespace) -> str:
        """Return a slug for the family's first portal, and take over whose portal it is."""
        slug = family.partition("_")[0]
        if not opts.outside_364:
            with wrong_use(RegisterError):
                government = government_called(loader.register, opts.government or slug)
            opts.government, slug = government.adcode, slug_of(government)
        while slug in loader.register.portals or slug == family:
            slug += "_new"
        return slug

    def _goldens(self, family: str, slug: str, body: str) -> None:
        """Write two golden lists, a plain one and one of another shape, with what the declaration reads from them."""
        if not FIXTURES.is_dir():
            print("no golden pages were written: tests/fixtures is not here")
            return
        for case in sorted(Path(self.templates_dir).with_name("golden").iterdir()):
            folder = FIXTURES / family / case.name
            folder.mkdir(parents=True, exist_ok=True)
            for name in (body, "meta.json"):
                text = Template((case / f"{name}.tmpl").read_text("utf-8")).substitute(family=family, slug=slug)
                (folder / name).write_text(text, "utf-8")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", "tests.families.goldens"], cwd=ROOT, text=True, check=False)
        self.exitcode = int(done.returncode != 0)
        print(f"golden pages to be filled in: {FIXTURES / family}")
        print(f"What is to do next:\n  python -m pytest tests/families -k {family}")

    def _alone(self, name: str, url: str, opts: argparse.Namespace) -> None:
        """Write a spider that stands alone, and say that it is no portal."""
        if self._find_template(opts.template) is None or (not opts.force and self._spider_exists(name)):
            self.exitcode = Exit.FAILED
            return
        super().run([name, url], opts)
        print(
            f"Try it:\n  scrapy runspider opendata_spiders/spiders/{name}.py\n"
            f"A portal to be read every night needs no file but a row: scrapy genspider -t FAMILY {name} {url} "
            "(`scrapy probe` tells the family)"
        )

    def _override(self, loader: RegisterSpiderLoader, name: str, url: str, opts: argparse.Namespace) -> None:
        """Write a class for one portal of the register, derived from its row's family."""
        with wrong_use(RegisterError):
            family = loader.register.get(name).family
        if family not in loader.families:
            raise UsageError(f"{name} is of the family {family}, which has no module yet", print_help=False)
        self._base = {"family": family, "base": loader.families[family].__name__}
        opts.force = opts.force or name not in loader.overrides
        super().run([name, url], opts)

    def _generate_template_variables(self, module: str, name: str, url: str, template_name: str) -> dict[str, Any]:
        values: dict[str, Any] = super()._generate_template_variables(module, name, url, template_name)
        return {**values, **self._base}
