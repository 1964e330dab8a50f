"""Who speaks next, when, and whether anybody should: it follows the log of turns and never answers by itself."""
