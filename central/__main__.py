"""`python -m central serve --data DIR --port N`."""

from __future__ import annotations

import sys

from central.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
