"""`derek serve` over stand-ins for the models, as a process of its own: PORT SEEDS VECTORS HOW.

HOW: `quick`; `downloading`, which never ends but reports; `stuck`, which neither ends nor reports; `failing`, whose
language model can't be had; `decoding`, whose model writes without end and looks at no stop check, as native code does
while it reads a prompt.
"""

import sys
import time
from pathlib import Path

from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE

from rag.errors import WeightsMissing
from rag.settings import load_settings
from rag.types import Draft, Generator, Prompt, StopCheck
from service.serve import serve
from service.startup import Doors, Report


class Deaf(ScriptedGenerator):
    """Hears nothing until it has written."""

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Takes an hour."""
        time.sleep(3600)
        return super().complete(prompt, max_tokens=max_tokens, stop=stop)


def main(port: str, seeds: str, vectors: str, how: str) -> None:
    """Serve until told to stop."""

    def generator(report: Report) -> Generator:
        match how:
            case "downloading":
                for done in range(10**6):
                    report("fetching the language model", done * 10**6, 10**12)
                    time.sleep(0.01)
            case "stuck":
                report("loading the language model", 0, 0)
                time.sleep(10**6)
            case "failing":
                raise WeightsMissing("no weights of some-model; run `derek models pull`")
            case "decoding":
                return Deaf(SENTENCE)
        return ScriptedGenerator(SENTENCE, yes=0.99)

    settings = load_settings(port=int(port), seeds_dir=Path(seeds), vectors_dir=Path(vectors))
    serve(settings, Doors(lambda report: HashingEmbedder(), generator))


if __name__ == "__main__":
    main(*sys.argv[1:])
