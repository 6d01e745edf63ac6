"""moto's own server, with transactions that are isolated."""

import sys

from moto.server import main

from local.transactions import isolate

if __name__ == "__main__":
    isolate()
    main(sys.argv[1:])
