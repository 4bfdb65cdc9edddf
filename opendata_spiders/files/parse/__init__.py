"""What is in a file: its kind, its table, its header and its rows; hostile files are read in a process of their own."""
