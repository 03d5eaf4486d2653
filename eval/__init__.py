"""Question sets, metrics and runs: the second front end of `rag`."""
