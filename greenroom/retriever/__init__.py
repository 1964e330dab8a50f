"""What a character knows that bears on the moment."""
