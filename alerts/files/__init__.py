"""What looks at the files of watched datasets say: broken and whole again, other fields, other sizes, dates alone."""
