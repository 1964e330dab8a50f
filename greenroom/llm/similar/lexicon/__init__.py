"""English word lists for the guards, each by what its words do to a question. Written by us; all in lower case."""
