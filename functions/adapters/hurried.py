"""TLS connections all of whose waits end at one time.

A socket's own timeout begins anew with each byte, so a peer that drips would be waited for without
end.
"""

import ssl
from time import monotonic
from typing import Any


class HurriedSocket(ssl.SSLSocket):
    """For a context's ``sslsocket_class``; ``ends_at`` is set as soon as it is connected."""

    ends_at: float

    def send(self, *args: Any) -> int:
        self.settimeout(left(self.ends_at))
        return super().send(*args)

    def recv_into(self, *args: Any) -> int:
        self.settimeout(left(self.ends_at))
        return super().recv_into(*args)


def left(ends_at: float) -> float:
    """The seconds that are left.

    Raises:
        TimeoutError: there are none.
    """
    seconds = ends_at - monotonic()
    if seconds <= 0:
        msg = "the time is over"
        raise TimeoutError(msg)
    return seconds
