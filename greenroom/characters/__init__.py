"""Who the characters are: the cast folder, characters made over the API, cards in and out, prompts."""
