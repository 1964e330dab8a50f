"""Where things are kept: tables, and a cache. What is kept in them belongs to the services."""
