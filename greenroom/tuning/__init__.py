"""What people think of the lines, and what the prompts learn from it."""
