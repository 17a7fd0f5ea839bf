"""The connection matrix: which population acts on which, and under what number."""

from __future__ import annotations

from collections.abc import Container, Iterable

from nftsim.errors import ModelError
from nftsim.model.lexer import Entry
from nftsim.model.objects import Objects, wrong
from nftsim.model.values import integer


def links(objects: Objects) -> list[tuple[int, int, int]]:
    """Return (number, pre, post) of every connection in order of their numbers.

    Connections count from 1 as in the file, populations from 0.

    Raises
    ------
    ModelError
        If the matrix is not square, or what it names and what the file describes differ.
    """
    if not objects.matrix:
        raise ModelError(
            objects.end, "no 'Connection matrix:' with 'From:' and 'To k:' rows found; add one"
        )
    start, *rows = objects.matrix
    count = len(start.values)
    if start.key != "From" or not count:
        raise wrong(start, "the connection matrix starts with 'From: 1 2 …'")
    if [integer(t, start.place, "From") for t in start.values] != list(range(1, count + 1)):
        raise wrong(start, f"'From:' must count the populations, 1 to {count}")
    _require_rows(start, rows, count)
    found = sorted(_row_links(rows, count))
    _require_numbered(found, rows)
    _require_same("Population", objects.sheets, range(1, count + 1), rows)
    for role in ("Propagator", "Coupling", "Dendrite"):
        known = {i: item for (r, i), item in objects.parts.items() if r == role.lower()}
        _require_same(role, known, (i for i, _, _ in found), [rows[post] for _, _, post in found])
        for number, item in known.items():
            if number > len(found):
                raise wrong(item.entry, _superfluous(role, number, len(found)))
    for number, sheet in objects.sheets.items():
        if not 1 <= number <= count:
            raise wrong(sheet.entry, _superfluous("Population", number, count))
    return found


def _require_rows(start: Entry, rows: list[Entry], count: int) -> None:
    indices = [row.index for row in rows]
    for position, row in enumerate(rows):
        if row.index is None:
            raise wrong(
                row, f"'{row}:' is no row of the matrix; write 'To k:', k from 1 to {count}"
            )
        if row.index in indices[:position]:
            raise wrong(row, f"row '{row}:' is given twice; keep one")
        if not 1 <= row.index <= count:
            raise wrong(
                row,
                f"row '{row}:' has no column: 'From:' has {count} populations; add {row.index} to "
                "'From:', or remove the row",
            )
    missing = [str(k) for k in range(1, count + 1) if k not in indices]
    if missing:
        raise wrong(
            start,
            f"'From:' has {count} populations, but row 'To {missing[0]}:' is missing; rows 'To 1:' "
            f"to 'To {count}:' must follow",
        )
    if indices != list(range(1, count + 1)):
        raise wrong(start, f"rows 'To 1:' to 'To {count}:' must follow in this order")


def _row_links(rows: list[Entry], count: int) -> Iterable[tuple[int, int, int]]:
    for post, row in enumerate(rows):
        if len(row.values) != count:
            raise wrong(row, f"row '{row}:' has {len(row.values)} entries; {count} are needed")
        for pre, token in enumerate(row.values):
            number = integer(token, row.place, str(row))
            if number < 0:
                raise wrong(
                    row, f"{row}: {number} is not the number of a connection; give 0 for none"
                )
            if number:
                yield number, pre, post


def _require_numbered(found: list[tuple[int, int, int]], rows: list[Entry]) -> None:
    for expected, (number, _, post) in enumerate(found, start=1):
        if number != expected:
            what = f"{expected} is missing" if number > expected else f"{number} stands twice"
            raise wrong(
                rows[post],
                f"connections must be numbered 1 to {len(found)}, each once: {what} "
                f"(see {number} in row '{rows[post]}:')",
            )


def _require_same(
    what: str, known: Container[int], needed: Iterable[int], rows: list[Entry]
) -> None:
    for number, row in zip(needed, rows, strict=True):
        if number not in known:
            raise wrong(
                row,
                f"{what} {number} is missing, which the connection matrix names here; "
                f"add '{what} {number}: …'",
            )


def _superfluous(what: str, number: int, count: int) -> str:
    allowed = f"it has {what} 1 to {count}" if count else f"it has no {what} at all"
    return (
        f"{what} {number} is not in the connection matrix ({allowed}); number it anew or remove it"
    )
