"""The index that the search page reads in the browser: files below `search/`, shared by both languages.

| file | holds |
|---|---|
| `index.json` | numbers of slots, documents and shards; datasets in a block; names of the places |
| `terms/HHH.bin` | the terms whose hash ends so, each with the numbers of the datasets that contain it |
| `lists/TERM.bin` | the same for one common term, under the code points of its characters |
| `blocks/N.json` | what is shown of the datasets N x block to (N + 1) x block - 1 |
| `slots.bin` | which dataset has which number, for the next build |

A term is two adjacent characters of a folded title, or four adjacent ones of a Latin word or a number. A list of
numbers only narrows what may match: a dataset is shown when its title, which stands in its block, contains what was
typed. Numbers grow with the date of the last update, so that reading a list from its end shows the newest
first.
`templates/site/assets/search.js` reads what `index.py` writes.
"""
