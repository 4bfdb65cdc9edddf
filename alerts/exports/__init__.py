"""What others take away to work with: tables, a DCAT-AP catalogue, dated snapshots, marks for pages, feeds of datasets.

- `columns.csv` is the data dictionary: every table, its columns, their types and meanings. Nothing else lists columns.
- `tables/` makes the rows of each table out of the store, one at a time; `formats` writes CSV, JSONL or Parquet.
- `snapshot` writes a dated folder of all tables with checksums, data dictionary and README, and removes old ones.
- `dcat/` writes the catalogue of each portal as DCAT-AP 3, in JSON-LD and Turtle.
- `schema_org` and `badge` make what a page shows of one dataset and one city; `feeds` what one dataset and one
  subscriber's watches bring.

Everything streams: no list of all datasets is ever in memory. Writers take a `publish.folder.Folder`, which leaves
files alone that would stay the same. Contact phones and mail addresses are in no export.
"""
