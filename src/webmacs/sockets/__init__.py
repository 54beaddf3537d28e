"""What every WebSocket of the sidecar is: opened with a token, watched while it is open, told what is wrong."""
