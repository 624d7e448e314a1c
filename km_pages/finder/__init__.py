"""Which technique fits: the rule behind the finder, and the limits that the lists use as well.

Pure Python over plain data: no models, no queries.
"""
