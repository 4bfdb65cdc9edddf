"""What stands between a spider and a portal's server: where requests may go, how much may come back, when to ask again.

Every request passes here: lists, details, looks, files, robots.txt, the doctor's question.
"""
