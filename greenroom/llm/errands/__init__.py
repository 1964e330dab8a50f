"""Small jobs for the person who runs a machine: what a log says, and a script that does a thing."""
