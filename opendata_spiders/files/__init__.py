"""Looking at the files of watched datasets: which are due, what a portal answers, and what is in them.

A look says what was seen and nothing more: a file that was not probed is «unseen», with the reason, never «fine».
"""
