"""Digests: what one reader is told of a stretch of nights.

From the event to the outbox: `city_news` sorts events by city and section; `situation` gathers how things stand beside
them, `reminders` what became due though nothing happened; `lines`, `samples`, `sections`, `standings`, `subject` and
`overdue_section` put it into words; `build` makes the digest of the parts, `compose` does so from the store, `render`
gives it the three formats; `due` says who gets one, `deliveries` cuts it for each target, `write` commits it.
"""
