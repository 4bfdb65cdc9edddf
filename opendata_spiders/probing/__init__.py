"""Before a portal is read every night: whose software it is, whether it answers as declared, what a page of it holds.

Nothing here reads or writes the store: a probe, a trial and a recording are no runs.
"""
