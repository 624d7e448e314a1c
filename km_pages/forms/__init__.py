"""Forms of the public side."""
