"""People and programs: how they prove who they are."""
