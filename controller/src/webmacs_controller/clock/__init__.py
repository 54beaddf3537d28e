"""What time it is, on a machine whose own clock may be wrong for a while after it was switched on."""
