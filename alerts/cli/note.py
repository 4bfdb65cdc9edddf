"""`python -m alerts note`."""

from alerts.cli.remarking import note as command

__all__ = ["command"]
