"""What holds for every suite: no test is about speed, so none has a deadline."""

from hypothesis import settings

settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")
