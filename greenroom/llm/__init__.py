"""Every model call: providers, roles, and the dialects at the edge."""
