"""Folds runs into events and states: pure functions over plain data, and the shell that commits what they say."""
