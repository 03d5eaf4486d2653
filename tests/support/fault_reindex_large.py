"""The scenario of an index that grows, with the kind of vector index that large ones have."""

from fault_reindex import GROWTH

import rag.index

rag.index.EXACT = 2  # rows that are compared one by one

LARGE = GROWTH
