"""The plugins that ship with the controller."""
