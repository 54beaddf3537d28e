"""Keeps the controller's process alive: it begins anew when it dies or stands still."""
