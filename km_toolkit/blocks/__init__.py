"""StreamField blocks of km_toolkit: the sections of learning modules."""
