"""Digests: one message to one reader about the events of one or more nights.

From the event to the outbox: `city_news` sorts events by city and section; `situation` gathers the present states,
`reminders` makes the reminders that are due without an event; `lines`, `samples`, `sections`, `standings`, `subject`
and `overdue_section` write the text; `build` makes the digest from these parts, `compose` from the store, `render`
makes its three formats; `due` decides who gets one, `deliveries` splits it for each target, `write` commits it.
"""
