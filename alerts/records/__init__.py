"""Queries over events, states and runs, failures of single parts, and data shared by several deliveries."""
