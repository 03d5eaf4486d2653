"""A real llama.cpp server in a process of its own, from the package xllamacpp: prints its address, ends with its input.

Arguments: a GGUF file.
"""

import sys

import xllamacpp


def main() -> None:
    """Serve until standard input closes."""
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx = 256
    params.n_parallel = 1
    params.port = 0
    params.hostnames = ["127.0.0.1"]
    params.use_jinja = True
    params.warmup = False
    server = xllamacpp.Server(params)
    sys.stdout.write(server.listening_address + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
