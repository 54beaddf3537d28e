"""Live values, and changes of alarms, commands and the log: out to browsers and programs."""
