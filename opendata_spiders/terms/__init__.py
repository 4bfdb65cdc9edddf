"""The terms of use of each portal, read once a month as text.

`plan` selects the portals that are due, `spider` asks, `reading` tells the text from what moves by itself (navigation,
counters, today's date). The address is that of places.csv, else the one last read, else a link of the home page that
bears one of words.csv. What was read is kept by `store/terms.py`; that a change is stated, and when, is a rule of
`alerts`.
"""
