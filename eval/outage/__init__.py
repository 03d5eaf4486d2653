"""Does indexing interrupt anybody? `python -m eval.outage`: the same load with and without reindexes in a row."""
