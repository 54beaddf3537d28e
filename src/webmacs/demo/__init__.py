"""`webmacs demo`: a believable past for the demo controller's channels."""

from webmacs.demo.fill import Filling, prepare

__all__ = ["Filling", "prepare"]
