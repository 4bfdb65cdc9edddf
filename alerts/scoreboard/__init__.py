"""The scoreboard: the figures that the yearly studies publish, computed from the latest complete runs."""
