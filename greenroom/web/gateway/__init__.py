"""The page at `/gateway`: what becomes of model calls, for the owner of the house."""
