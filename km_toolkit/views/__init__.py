"""Pages of the handover service."""
