"""The other half of the score: what is said of whole nights, of several portals at once, or by a person.

Countries of sixty portals and more are watched for a year, written as run documents with few datasets or none; the
watch's own check, the diff and the corrections read them night by night, and what they state is held against a truth
that is worked out without them.
"""
