"""Changes of state that need a permission, an audit entry and a signal: one class each.

Each has ``check()``, which raises ``NotAllowed`` or ``Conflict``, and ``execute()``, which checks,
changes within one transaction, logs and signals. The web pages, the admin and the commands
call the same class.
"""
