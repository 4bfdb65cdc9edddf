"""What docs/architecture.md promises of the whole: imports run one way, without a cycle, and a class name means one thing."""

import ast
import importlib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from scrapy.cmdline import _iter_command_classes

from opendata_spiders.command import ProjectCommand

ROOT = Path(__file__).parents[1]
MODULES = {
    path: ast.parse(path.read_text("utf-8"))
    for package in ("opendata_spiders", "alerts")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = frozenset(map(name_of, MODULES))


def imports(path: Path) -> Iterator[str]:
    """The modules that a module imports, wherever in it, but for types alone."""
    for node in ast.walk(MODULES[path]):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = (f"{node.module}.{one.name}" for one in node.names)
            yield from (name if name in NAMES else node.module for name in inside)


def test_the_watch_reads_no_portal_and_the_crawl_tells_nobody() -> None:
    for path in MODULES:
        roots = {name.partition(".")[0] for name in imports(path)}
        forbidden = {"scrapy", "twisted"} if name_of(path).startswith("alerts") else {"alerts"}
        assert not roots & forbidden, path


def test_one_module_knows_the_engine_of_the_cluster() -> None:
    knowing = {
        name_of(path) for path in MODULES if {"celery", "kombu"} & {one.partition(".")[0] for one in imports(path)}
    }
    assert knowing == {"alerts.cluster.broker"}


def test_what_the_watch_needs_of_the_crawl_brings_no_scrapy_along() -> None:
    names = sorted(name for name in NAMES if name.startswith("alerts") and not name.endswith("__main__"))
    told = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint({{'scrapy', 'twisted'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name_of(path): NAMES.intersection(imports(path)) for path in MODULES}
    TopologicalSorter(graph).prepare()


def test_a_class_name_means_one_thing() -> None:
    homes = defaultdict(list)
    for path, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name != "Command":
                homes[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_a_command_imports_nothing_of_the_others() -> None:
    names = sorted(name for name in NAMES if name.startswith("opendata_spiders.commands"))
    told = (
        f"import importlib, sys\nimport scrapy.cmdline\nfor name in {names}: importlib.import_module(name)\n"
        "print({'pymongo', 'playwright', 'twisted.web.client', 'opendata_spiders.crawl.spider'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_crawl_imports_no_web_server_and_nothing_of_rdf() -> None:
    told = (
        "import sys\nfrom scrapy.utils.project import get_project_settings\nsettings = get_project_settings()\n"
        "from opendata_spiders.loader import RegisterSpiderLoader\nassert RegisterSpiderLoader(settings).families\n"
        "used = settings.get_component_priority_dict_with_base('EXTENSIONS')\n"
        "print([one for one in used if 'telnet' in one or 'remote' in one], {'aiohttp', 'rdflib'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] set()"


def test_the_work_of_every_command_is_where_its_declaration_says() -> None:
    declared = [cls for cls in _iter_command_classes("opendata_spiders.commands") if issubclass(cls, ProjectCommand)]
    assert len(declared) > 10
    for cls in declared:
        assert callable(importlib.import_module(cls.done_by).run), cls
