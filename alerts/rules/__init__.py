"""The rules: one module for each phenomenon, named after its events, with pure functions.

A rule gets the comparison of a run with what is known (`Delta`, `Change`) and a `RunContext`, and returns drafts of
events, new states, or both. It reads neither the time nor the database; thresholds come from `alerts/model/policy.csv`.
Rules about file checks get a `RoundStep` instead. `alerts/engine/fold.py` calls the rules in their order.
"""
