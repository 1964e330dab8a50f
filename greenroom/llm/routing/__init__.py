"""Which model a request is for, when the caller leaves it open: how hard it is, what fits, and what that costs."""
