"""What keeps a database in order for years: thinning out, checking, copying and moving it."""
