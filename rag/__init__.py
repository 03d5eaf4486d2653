"""Seeds in, proved answers out: a library with no HTTP in it. Start at `reindex.reindex` and `answer.answer`."""
