"""A self-hosted home for AI characters."""

__version__ = "0.1.0"
