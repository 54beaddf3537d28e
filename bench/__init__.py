"""Benchmarks: every figure of RESULTS.md, with one command. See __main__.py."""
