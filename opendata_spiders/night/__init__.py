"""One night over all portals: which are read in which order, in processes of their own, and the logs they leave."""
