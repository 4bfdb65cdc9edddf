"""Reading a portal by what its own page loads and shows, where nobody has recorded its interface.

`answers` opens what the page was answered; `columns` says which key of entries holds which field, by its word and by
its values; `recognition` finds the one array that is the catalogue; `replaying` asks for its further pages in the
page's own words; `blocks` reads the entries that the page shows, where no answer can be read. All of these are pure.
`pager` turns the page in the browser. What is not proven by values is not read, and nothing is guessed.
"""
