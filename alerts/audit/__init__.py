"""The metadata audit: what is wrong with catalogue entries as they stand, whether or not anything changed."""
