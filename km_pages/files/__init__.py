"""Files that people add: accepted, scanned and read here, never parsed in the web process.

No models and no database below this line: :mod:`km_pages.models.files` stores what is found.
"""
