"""All that runs from the start of the sidecar to its end, and the one LISTEN connection."""
