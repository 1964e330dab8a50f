"""The page: one room with the whole cast, in a browser."""
