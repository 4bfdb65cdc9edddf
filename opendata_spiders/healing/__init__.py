"""Mends the declaration of a portal that answers in another shape, as far as its last reading proves the new one.

The same titles and offices under other keys prove what the new keys mean. What is written is a draft for a person to
read: nothing here changes a family, the register or the store.
"""
