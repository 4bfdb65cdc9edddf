"""Plays any declared family from its declaration: what is asked is found by the family's own requests, what is answered
is written where the declaration reads it.

Such a player repeats a mistake of the declaration. What portals send is held by the golden pages, which are written by
hand; this one is for behaviour: paging, drift, tenants, holes, charsets.
"""
