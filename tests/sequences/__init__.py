"""Replays recorded catalogues, version by version, through the real crawl and diff, and judges what was claimed."""
