"""Work before a portal is read every night: recognising its software, a trial, recording sample pages, checks.

Nothing here reads or writes the store: a probe, a trial and a recording are no runs.
"""
