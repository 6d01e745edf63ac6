"""The browser client's own tests: the conformance suite that every client passes, and its parts."""

import re

from tests.npm import npm


def test_the_client_passes_the_conformance_suite_and_its_own_tests() -> None:
    found = npm("test")
    assert found.returncode == 0, found.stdout[-4000:]
    assert int(re.findall(r"^. pass (\d+)$", found.stdout, re.MULTILINE)[0]) > 87
