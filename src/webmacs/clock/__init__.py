"""What happens because time goes by."""
