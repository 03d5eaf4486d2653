"""Stands in for the command line in an evaluation: HOW eval run SET --name NAME … . Standard library alone.

HOW: `asking` asks the server one question; `waiting` writes down what it has and ends when interrupted; `deaf` does not
hear that; `complaining` ends with an error of Derek's; `crashing` with a traceback; `killed` by a signal; `silent` with
nothing done; `babbling` prints what is no progress, then does its work.
"""

import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path


def say(line: str) -> None:
    """A line that is seen at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def option(name: str) -> str:
    """The value after a flag."""
    return sys.argv[sys.argv.index(name) + 1]


def ask(question: str) -> dict[str, object]:
    """The server's answer."""
    key = os.environ.get("DEREK_API_KEY")
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    body = json.dumps({"question": question, "mode": option("--mode")}).encode()
    request = urllib.request.Request(option("--url") + "/v1/ask", body, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return dict(json.load(answer))


def main(how: str, verb: str, inner: str, questions: str) -> None:
    """What `derek eval run` would do, in miniature."""
    assert (verb, inner) == ("eval", "run")
    if how == "silent":
        return
    if how == "crashing":
        raise KeyError("inside")
    if how == "complaining":
        sys.stderr.write(f"loading …\nderek: {questions}:1: not JSON\n{questions}:2: field id is missing\n")
        raise SystemExit(1)
    folder = Path(option("--runs-dir")) / option("--name")
    folder.mkdir(parents=True, exist_ok="--resume" in sys.argv)
    described = {"name": folder.name, "set": {"name": Path(questions).stem}, "system": "remote", "mode": "extract"}
    started = {"started_at": "2026-03-01T10:00:00+00:00", "argv": sys.argv[2:]}
    (folder / "run.json").write_text(json.dumps({**described, **started}))
    if how == "babbling":
        sys.stdout.buffer.write(b"\xff\xfe\x00" + b"x" * 200_000 + b"\n")
        for line in (
            "[" * 100_000,
            "7",
            '{"done": true, "total": 2}',
            '{"done": 3, "total": 2}',
            "NaN",
            "",
            '{"done":',
        ):
            say(line)
    say(json.dumps({"done": 1, "total": 2, "seconds_left": 1.25}))
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how in ("waiting", "deaf"):
        (folder / "pid").write_text(str(os.getpid()))
        signal.signal(signal.SIGINT, signal.SIG_IGN if how == "deaf" else signal.default_int_handler)
        say(json.dumps({"done": 1, "total": 2, "seconds_left": None}))
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            (folder / "put away").touch()
            raise SystemExit(130) from None
    if how == "asking":
        (folder / "answers.jsonl").write_text(json.dumps(ask("How long is the new tram line in Almaty?")))
    (folder / "report.html").write_text("<!doctype html><title>A run</title><script>1</script>")
    estimate = {"value": 0.5, "n": 2, "low": 0.0, "high": 1.0}
    (folder / "metrics.json").write_text(
        json.dumps({"questions": 2, "overall": {"right": estimate, "words": estimate}})
    )
    say(json.dumps({"done": 2, "total": 2, "seconds_left": 0}))
    say(json.dumps({"run": str(folder)}))


if __name__ == "__main__":
    main(*sys.argv[1:5])
