"""The diff stage: folds runs and rounds of file checks into events and states, and commits both together."""
