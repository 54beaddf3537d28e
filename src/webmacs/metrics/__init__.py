"""GET /metrics: figures for Prometheus, each process its own."""
