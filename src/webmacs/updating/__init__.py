"""New versions of the server itself: database and code go forward together, and back together (docs/updates.md).

Bundles, versions, the switch and the launcher are those of controllers (`webmacs_controller.updates`).
"""
