"""Catalogues in DCAT: DCAT-US as JSON, DCAT-AP as JSON-LD, Turtle or RDF/XML; pure readers, no request is sent here.

Every syntax is read into the same nodes (`nodes.py`), from which `catalogue.py` takes the datasets.
"""
