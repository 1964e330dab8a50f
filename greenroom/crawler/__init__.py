"""What is read elsewhere for the library."""
