"""What a service manager starts in production, where it is not simply a program of its own."""
