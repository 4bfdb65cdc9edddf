"""The cache of the embedded database fits the machine or the container it runs in."""

import os

import pytest

from opendata_spiders.store.embedded.memory import cache_gigabytes, usable_memory

GB = 1 << 30
MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("memory", "cache"), [(GB, 0.25), (2 * GB, 0.25), (4 * GB, 0.5), (8 * GB, 1.0), (64 * GB, 1.0)]
)
def test_an_eighth_within_bounds(memory, cache):
    assert cache_gigabytes(memory) == cache


@pytest.mark.parametrize(
    ("own", "folder", "file"),
    [
        ("0::/system.slice/night.service\n", "system.slice/night.service", "memory.max"),
        ("0::/system.slice/night.service\n", "system.slice", "memory.max"),
        ("0::/\n", "", "memory.max"),
        ("5:cpu:/\n4:memory:/docker/ab\n", "memory/docker/ab", "memory.limit_in_bytes"),
    ],
)
def test_a_limit_of_a_group_or_of_one_around_it_counts(tmp_path, own, folder, file):
    names, groups = tmp_path / "own", tmp_path / "groups"
    names.write_text(own)
    (groups / folder).mkdir(parents=True)
    (groups / folder / file).write_text(f"{256 << 20}\n")
    assert usable_memory(groups, names) == 256 << 20
    (groups / folder / file).write_text("max\n")
    assert usable_memory(groups, names) == MACHINE


def test_without_control_groups_the_machine_counts(tmp_path):
    assert usable_memory(tmp_path, tmp_path / "none") == MACHINE
