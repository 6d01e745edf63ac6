"""Lambda's runtime client in a process whose clock is ahead.

    lambda_ahead <seconds> <folder of time_machine> <handler>

It runs in a worker, which sees nothing else of this package.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta

if __name__ == "__main__":
    ahead = timedelta(seconds=float(sys.argv.pop(1)))
    # Seen for one import: what a function imports must come from its bundle and its layers.
    sys.path.append(sys.argv.pop(1))
    import time_machine

    sys.path.pop()
    time_machine.travel(datetime.now(UTC) + ahead, tick=True).start()
    # That clock stands still until somebody reads it.
    datetime.now(UTC)
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
