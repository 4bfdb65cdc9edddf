"""One event with everything it rests on, in a file that can be kept, checked and printed without us."""
