"""One turn, told as a story; the log of turns."""
