"""Some rows of an index, told in the two ways that a search needs: by number, and as a bit for each row there is."""

from dataclasses import dataclass
from typing import Self

import faiss
import numpy as np
import numpy.typing as npt

from rag.types import Rows


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of an index, each once, and their bits, row 0 the lowest bit of the first byte."""

    rows: Rows
    bits: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Rows, count: int) -> Self:
        """These rows of `count`."""
        mask = np.zeros(count, np.bool_)
        mask[rows] = True
        return cls(rows, np.packbits(mask, bitorder="little"))

    def __len__(self) -> int:
        return len(self.rows)

    def selector(self) -> faiss.IDSelector:
        """What makes FAISS pass the other rows over. It reads the bits where they are: hold both while it searches."""
        return faiss.IDSelectorBitmap(len(self.bits), faiss.swig_ptr(self.bits))
