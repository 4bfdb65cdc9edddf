"""One crawl of one portal: the spider that reads list and details, the verdict on them, the stored run."""
