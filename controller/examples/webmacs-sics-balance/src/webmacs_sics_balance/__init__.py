"""Balances that speak MT-SICS, for WebMACS."""

from .plugin import SicsBalance, SicsBalanceConfig

__all__ = ["SicsBalance", "SicsBalanceConfig"]
