"""The watch watching itself: what is wrong with our own reading, for operators and for nobody else."""
