"""What the process that commands are forked from has imported; nothing here reads the environment or starts a thread."""

import importlib
import pkgutil

import alerts
import opendata_spiders

NOT_BEFORE = ("__main__", "settings")
"""Modules that are run, and the one whose values may come from the environment."""


def preload() -> None:
    """Import every module of both packages."""
    for package in (opendata_spiders, alerts):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] not in NOT_BEFORE:
                importlib.import_module(found.name)


preload()
