"""The scoreboard: what the yearly studies publish, from what was read by last night."""
