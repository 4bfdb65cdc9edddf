"""The few portals that override their family's behaviour with code; every other portal is a register row alone.

A module here holds one small class: a subclass of the family's spider with `name` set to the portal's slug.
"""
