"""Logging in by identity providers (OpenID Connect): authorisation code with PKCE, state and nonce.

What is said in between is checked here; which account a person is, the database decides (db/sso.sql).
"""
