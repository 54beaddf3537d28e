"""Years of data: rollups are kept up, what is expired goes."""
