"""Documentation checked against the code: commands, targets, settings, routes and the map, in both directions."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import typer

from rag.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CODE = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", README, flags=re.DOTALL)
COMMANDS = "\n".join(block or inline for block, inline in CODE)


def verbs(app: typer.Typer) -> set[str]:
    """Every verb as typed: `ask`, `index list`."""
    root = typer.main.get_command(app)
    found = set()
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        found |= {f"{name} {inner}" for inner in getattr(command, "commands", {})} or {name}
    return found


def map_entries() -> Iterator[str]:
    """The paths that the map names, folders with a slash at the end."""
    match = re.search(r"<!-- map: begin -->\n```\n(.*?)```", README, flags=re.DOTALL)
    assert match
    parents: list[str] = []
    for line in match[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        parents = [*parents[:depth], name]
        yield "".join(parents)


def tracked_files() -> list[Path]:
    """Every file that a clone holds."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_opens_with_the_two_commands() -> None:
    """A newcomer meets `make run` and `make test` first."""
    assert re.match(r"# Derek\n\n```sh\nmake run .*\nmake test .*\n```\n", README)


def test_the_answer_shown_quotes_the_seeds() -> None:
    """README's example is a real one: its quotations are in the seed files, letter by letter."""
    block = re.search(r"<!-- answer: begin -->\n(.*?)<!-- answer: end -->", README, flags=re.DOTALL)
    assert block
    sources = [path.read_text(encoding="utf-8-sig") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    quotations = re.findall(r"^\[\d+\] “(.*?)”$", block[1], flags=re.MULTILINE | re.DOTALL)
    assert quotations
    for quotation in quotations:
        assert any(quotation in source for source in sources), quotation


def test_every_command_exists_and_is_told() -> None:
    """README's `derek …` are verbs, and each verb is in README's table."""
    from rag.cli import build_app

    known = verbs(build_app())
    for first, second in re.findall(r"\bderek ([a-z]+)(?: ([a-z]+))?", COMMANDS):
        assert first in known or f"{first} {second}" in known, f"README names derek {first} {second}"
    told = set(re.findall(r"^\| `derek ([a-z ]*[a-z])", README, flags=re.MULTILINE))
    assert told == known


def test_every_target_exists_and_is_told() -> None:
    """README's `make …` are targets, and each target is in README and in `make help`."""
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert phony
    targets = {name for name in phony[1].split() if not name.startswith("able-to-") and name != "help"}
    assert set(re.findall(r"\bmake ([a-z]+)", COMMANDS)) == targets
    assert set(re.findall(r"@echo 'make ([a-z]+)", MAKEFILE)) == targets


def test_settings_table() -> None:
    """README's table holds each setting with its default, and no other."""
    rows = re.findall(rf"^\| `{PREFIX}([A-Z_]+)` \| (.+?) \|", README, flags=re.MULTILINE)
    assert [name.lower() for name, _ in rows] == list(Settings.model_fields)
    for name, shown in rows:
        default = Settings.model_fields[name.lower()].default
        if name == "CACHE_DIR":
            assert shown == "`derek` in your cache folder"
        elif default is None:
            assert shown == "–"
        elif isinstance(default, bool):
            assert shown == f"`{str(default).lower()}`"
        else:
            assert shown == f"`./{default}`" if isinstance(default, Path) else f"`{default}`"


def test_every_variable_named_anywhere_is_a_setting() -> None:
    """Messages, comments and documents name no variable that Derek would refuse."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for path in tracked_files():
        if path.is_relative_to(ROOT / "tests"):
            continue  # tests misspell on purpose
        named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8", errors="replace")))
        assert named <= known, f"{path.relative_to(ROOT)} names {named - known}"


def test_routes_table() -> None:
    """README's table of routes is the application's, and no other."""
    from service import ask, evaluations, generations, health, job_routes, library, reindexing, seeds, uploads

    told = set(re.findall(r"^\| `([A-Z]+) (/\S*)` \|", README, flags=re.MULTILINE))
    served = {
        (method, route.path)
        for router in (
            ask.router,
            library.router,
            generations.router,
            seeds.router,
            uploads.router,
            reindexing.router,
            job_routes.router,
            evaluations.router,
            health.router,
        )
        for route in router.routes
        if route.include_in_schema or route.path == "/docs"
        for method in route.methods - {"HEAD"}
    }
    assert told == served


def test_the_map_names_what_is_there() -> None:
    """Every path of the map exists."""
    missing = [name for name in map_entries() if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("package", ["rag", "service", "eval"])
def test_the_map_names_every_module(package: str) -> None:
    """No module is left out of the map."""
    named = set(map_entries())
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py" and "__pycache__" not in path.parts
    }
    assert modules <= named, f"not in README's map: {sorted(modules - named)}"


def test_constraints_pin_versions_and_nothing_else() -> None:
    """Every line is name==version: no address, no local build, so that any mirror can serve it."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[0-9][0-9a-z.]*", pin) for pin in pins)
    assert [pin for pin in pins if pin.startswith("torch==")]


def test_every_dependency_is_pinned() -> None:
    """What pyproject asks for, the extras included, has an exact version in the constraints."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert {re.split(r"[\[<>=!~ ]", name)[0].lower() for name in asked} - {project["name"]} <= pinned


def test_every_import_is_a_declared_dependency() -> None:
    """No module leans on a package that only another package brings along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["documents"]
    declared = {_normalised(re.split(r"[\[<>=!~ ]", name)[0]) for name in asked}
    providers = metadata.packages_distributions()
    for package in ("rag", "service", "eval"):
        for path in (ROOT / package).rglob("*.py"):
            for name in _imported(path) - set(sys.stdlib_module_names) - {"rag", "service", "eval"}:
                found = {_normalised(provider) for provider in providers.get(name, [name])}
                assert found & declared, f"{path.relative_to(ROOT)} imports {name}"


def _imported(path: Path) -> set[str]:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = [
        [a.name for a in n.names] if isinstance(n, ast.Import) else [n.module or ""]
        for n in tree
        if isinstance(n, ast.Import | ast.ImportFrom)
    ]
    return {name.split(".")[0] for group in names for name in group}


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_host_of_a_package_registry() -> None:
    """Where packages and weights come from is pip's and the hub client's affair: no address is written down."""
    hosts = re.compile("|".join(["py" + r"pi\.org", "python" + r"hosted\.", "hugging" + r"face\.co", "hf" + r"\.co\b"]))
    found = [path.relative_to(ROOT) for path in tracked_files() if hosts.search(_text(path))]
    assert not found


def test_no_path_of_this_machine() -> None:
    """Nothing depends on the folder in which it was written."""
    places = (f"{ROOT}/", f"{Path.home()}/")
    found = [path.relative_to(ROOT) for path in tracked_files() if any(place in _text(path) for place in places)]
    assert not found


def _text(path: Path) -> str:
    return "" if path.parent == ROOT / "seeds" else path.read_text(encoding="utf-8", errors="replace")
