"""One module for each phenomenon, named after its events: pure functions from what was read and what was believed.

A rule gets what a run lists compared with what is known (`Delta`, `Change`) and a `RunContext`, and returns drafts of
events, new states, or both. It reads no clock and no database; thresholds come from `alerts/model/policy.csv`. Modules
of looks at files take a `RoundStep` instead. `alerts/engine/fold.py` calls the rules in their order.
"""
