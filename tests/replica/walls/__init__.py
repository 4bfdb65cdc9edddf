"""Walls in front of a simulated portal: each lets nobody through who has not run its script, and checks honestly."""

from tests.replica.walls.jiasule import Jiasule
from tests.replica.walls.ruishu import Ruishu
from tests.replica.walls.server import Walled
from tests.replica.walls.wzws import Wzws

__all__ = ["Jiasule", "Ruishu", "Walled", "Wzws"]
