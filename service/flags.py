"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated

import typer

Seeds = Annotated[Path | None, typer.Option("--seeds-dir", "--seeds", help="Folder of seed files.", show_default=False)]
Vectors = Annotated[
    Path | None, typer.Option("--vectors-dir", "--vectors", help="Folder of built indexes.", show_default=False)
]
Cache = Annotated[
    Path | None, typer.Option("--cache-dir", "--cache", help="Folder of model weights.", show_default=False)
]
EmbedderName = Annotated[str | None, typer.Option("--embedder", help="Embedding model.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the whole object.")]
