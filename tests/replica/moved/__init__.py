"""A portal of a declared family after its software was rewritten: the same datasets under another path, in another
envelope, with other keys; a page for people loads the list by script, with menus and rankings beside it.
"""

from tests.replica.moved.portal import MovedPortal
from tests.replica.moved.rewriting import Rewriting, Scheme

__all__ = ["MovedPortal", "Rewriting", "Scheme"]
