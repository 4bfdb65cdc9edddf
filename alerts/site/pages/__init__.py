"""One module for each page of the site: its data, language-free, and the function that puts it into both trees."""
