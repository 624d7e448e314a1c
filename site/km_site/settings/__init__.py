"""Settings: ``dev`` for make run, ``test`` for make test, ``production`` for the real thing."""
