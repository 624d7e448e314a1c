"""What pages show besides their own fields: lists, filters, neighbours.

Stands below the models, which call it from ``get_context``; models are reached through the app
registry. Everything is asked through ``visible_to`` and costs a constant number of queries. Every
function also works for a page that was never saved, because previews show those.
"""
