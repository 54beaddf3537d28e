"""Programs of this machine that sign a request and get a short token."""
