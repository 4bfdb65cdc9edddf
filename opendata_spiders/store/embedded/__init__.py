"""The embedded database: a mongod under DATA_DIR and the supervisor process that runs it.

No imports here: the supervisor imports nothing but the standard library and modules of this folder that do the same.
"""
