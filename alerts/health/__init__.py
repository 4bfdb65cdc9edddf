"""Monitoring of this service itself: problems of our own crawling and steps, for operators only."""
