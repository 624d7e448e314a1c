"""Measures, never gates: ``python -m benchmarks --size N``. See README.md beside this file."""
