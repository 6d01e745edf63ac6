"""A program that does nothing until it is stopped, for tests of child processes."""

import os
import signal
import sys
import time

if __name__ == "__main__":
    if "look" in sys.argv:
        sys.stdout.write(" ".join(os.environ))
        sys.exit()
    if "stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout.write("asleep\n")
    sys.stdout.flush()
    time.sleep(600)
