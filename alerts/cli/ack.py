"""`python -m alerts ack`."""

from alerts.cli.remarking import ack as command

__all__ = ["command"]
