"""Addresses of sites that left something out."""
