"""What the commands of the command line do. `__main__` reads their words."""
