"""What holds for every suite: a test tries the same data each time, however slow the machine.

``--hypothesis-profile=exploring`` draws new data.
"""

from hypothesis import HealthCheck, settings

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("exploring", ANY_SPEED)
settings.register_profile("repeatable", ANY_SPEED, derandomize=True)
settings.load_profile("repeatable")
