"""Finds out where PyTorch's CPU build can be had, before anything is installed. Standard library only.

On Linux x86-64 the build of torch on PyPI brings gigabytes of CUDA; PyTorch's own index has one without. Whether it
answers is asked once and for a few seconds at most; where it doesn't, the way out is PyPI. The address is the caller's.
"""

import platform
import sys
import threading
import urllib.request
from http.client import HTTPException

SECONDS = 3.0


def answers(url: str, seconds: float = SECONDS) -> bool:
    """Whether a package index at `url` knows torch. Waits no longer than `seconds`, name look-up included."""
    known: list[bool] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(url.rstrip("/") + "/torch/", method="HEAD")
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                known.append(answer.status == 200)
        except (OSError, ValueError, HTTPException):  # unreachable, refused, no server of HTTP, or no URL at all
            known.append(False)

    asking = threading.Thread(target=ask, daemon=True)  # a name look-up has no timeout of its own
    asking.start()
    asking.join(seconds)
    return known == [True]


def main() -> int:
    """Print the index given as the one argument if it should be used, else nothing; say on stderr what was chosen."""
    url = sys.argv[1]
    if platform.system() != "Linux":
        chosen, why = "", "PyPI; its build for this system has no CUDA"
    elif answers(url):
        chosen, why = url, "the CPU build from PyTorch's own index"
    elif platform.machine() == "x86_64":
        chosen, why = "", "PyPI, as PyTorch's own index does not answer; there it may bring gigabytes of CUDA"
    else:
        chosen, why = "", "PyPI, as PyTorch's own index does not answer"
    sys.stderr.write(f"torch: {why}\n")
    sys.stdout.write(chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
