"""Template tags of km_pages."""
