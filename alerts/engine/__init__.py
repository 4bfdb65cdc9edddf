"""The diff stage: folds runs and rounds of file looks into events and states, and commits both together."""
