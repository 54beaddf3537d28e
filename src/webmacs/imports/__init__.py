"""Files of measured values on their way in: read line by line as they arrive, judged and stored by private.ingest."""
