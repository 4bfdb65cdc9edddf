"""Simulates any declared family by inverting its declaration: requests are recognised by comparison with the family's
own requests, answers put values where the declaration reads them.

A mistake in the declaration is therefore repeated here. What portals really send is tested by the golden pages, which
are written by hand; this simulation tests behaviour: paging, drift, tenants, holes, charsets.
"""
