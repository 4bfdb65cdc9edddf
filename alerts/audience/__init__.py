"""Who is informed about what and when: subscribers, their filters and rhythm, watched datasets, people's remarks."""
