"""The static site: two trees of pages, Chinese and English, with the same paths, and the files that both share.

`build.py` says what is made in which order and what is left as it is; `tree.py` puts a page into both trees; `pages/`
has one module for each page, which makes its data without any language; `charts/` draws plain SVG.
"""
