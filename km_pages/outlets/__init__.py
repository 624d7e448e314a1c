"""What stands on top of finding: best bets, related pages, who knows, the log, gaps, following.

Everything here asks :func:`km_pages.finding.find` or :func:`km_pages.visibility.visible_to`, and
so tells a reader of nothing that they may not see.
"""
