"""Who hears of what and when: subscribers, their filters and rhythm, watched datasets, remarks of people."""
