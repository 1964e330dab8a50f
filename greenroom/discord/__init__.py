"""The door to Discord: what people write there reaches the cast, and what the cast says is posted, once."""
