"""Each portal's catalogue as DCAT-AP 3: `catalogue` says it as a graph, `graph` writes that as JSON-LD and Turtle."""
