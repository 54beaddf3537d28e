"""The keys that sign tokens: on the disk, in the running sidecar, rotated and retired by `webmacs keys`."""
