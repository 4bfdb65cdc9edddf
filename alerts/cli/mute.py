"""`python -m alerts mute`."""

from alerts.cli.remarking import mute as command

__all__ = ["command"]
