"""Asking a portal for the files of watched datasets, within a budget a host and a limit a file."""
