"""What waits to be written into a file of kept values, so that one transaction writes much."""

from dataclasses import dataclass, field

from greenroom.storage.kept_table import Row


@dataclass
class Unwritten:
    """What is to be deleted, then values, which are from after the recall `mark`, and when others were used.

    A value may come after the deletion of its key; where it is not written in the end, that holds all the same.
    """

    values: dict[str, Row] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    size_bytes: int = 0
    mark: int = 0

    def __bool__(self) -> bool:
        return bool(self.values or self.used or self.deleted)

    def put(self, key: str, row: Row) -> None:
        """Add a value."""
        self._take_out(key)
        self.values[key] = row
        self.size_bytes += len(row.value)

    def delete(self, key: str) -> None:
        """Add a deletion."""
        self._take_out(key)
        self.deleted.add(key)

    def clear(self, prefix: str, but: str | None) -> None:
        """Take out the values whose keys begin with `prefix`, and not with `but`."""
        for key in [key for key in self.values if key.startswith(prefix)]:
            if but is None or not key.startswith(but):
                self._take_out(key)

    def _take_out(self, key: str) -> None:
        row = self.values.pop(key, None)
        self.size_bytes -= len(row.value) if row else 0
