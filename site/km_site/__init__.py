"""The Django project around km_pages and km_toolkit: wiring only."""
