"""What answers requests of km_pages, one module for each kind."""
