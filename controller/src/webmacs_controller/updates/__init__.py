"""Updates of the software: bundles that only their maker can sign, checked by whoever gets one, with this code."""
