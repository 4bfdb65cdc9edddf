"""Checks of the files of watched datasets: requesting them (`fetch`) and reading what is in them (`parse`).

A file that was not requested is «unseen», with the reason, never «fine».
"""
