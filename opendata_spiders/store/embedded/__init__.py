"""The embedded database: a mongod under DATA_DIR and the supervisor process that runs it.

Kept empty of imports: the supervisor imports nothing but the standard library and its neighbours, to stay small.
"""
