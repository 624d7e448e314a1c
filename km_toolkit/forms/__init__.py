"""Forms of the handover service: one thing on each."""
