"""Outputs are safe when nobody controls them any more: what that means, when it is, and whether all is well."""
