"""QR codes are read back: every module in its place, every block without an error."""

from __future__ import annotations

import pytest

from app.web.charts import qr

LINK = "https://shanghai.yizhan.example.com/my/AaID40G7fdC5BZB8hKEUjgHEX6C-4moPYAlsf6lxYEuzDld-I"


def value_at(words: list[int], point: int) -> int:
    """A polynomial's value in the field of 256, highest factor first."""
    value = 0
    for word in words:
        value = qr._times(value, point) ^ word
    return value


def read_back(grid: qr.Grid) -> str:
    """The text of a code, or a failure."""
    size = len(grid)
    version = (size - 17) // 4
    first = [
        *((grid[n][8]) for n in range(6)),
        grid[7][8],
        grid[8][8],
        grid[8][7],
        *(grid[8][14 - n] for n in range(9, 15)),
    ]
    second = [*(grid[8][size - 1 - n] for n in range(8)), *(grid[size - 15 + n][8] for n in range(8, 15))]
    assert first == second
    word = sum(bit << n for n, bit in enumerate(first)) ^ 0x5412
    assert word >> 13 == 0  # correction M
    mask = word >> 10 & 7
    _, fixed = qr._patterns(version, size)
    bits = [grid[y][x] ^ qr._masked(mask, x, y) for x, y in qr._way(fixed)]
    words = [sum(bit << (7 - n) for n, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)]
    extra, groups = qr.BLOCKS[version - 1]
    sizes = [length for many, length in groups for _ in range(many)]
    blocks: list[list[int]] = [[] for _ in sizes]
    at = 0
    for n in range(max(sizes)):
        for block, length in zip(blocks, sizes, strict=True):
            if n < length:
                block.append(words[at])
                at += 1
    for _ in range(extra):
        for block in blocks:
            block.append(words[at])
            at += 1
    for block in blocks:
        root = 1
        for _ in range(extra):
            assert value_at(block, root) == 0
            root = qr._times(root, 2)
    data = "".join(f"{word:08b}" for block, length in zip(blocks, sizes, strict=True) for word in block[:length])
    counted = 8 if version < 10 else 16
    assert data[:4] == "0100"
    length = int(data[4 : 4 + counted], 2)
    body = data[4 + counted : 4 + counted + 8 * length]
    return bytes(int(body[n : n + 8], 2) for n in range(0, len(body), 8)).decode()


@pytest.mark.parametrize(
    "text", ["x", "查询订单", LINK, *("y" * n for n in (14, 26, 42, 62, 84, 106, 122, 152, 180, 213))]
)
def test_what_is_written_is_read_back(text: str) -> None:
    assert read_back(qr.qr_grid(text)) == text


def test_a_spoilt_module_is_noticed() -> None:
    grid = qr.qr_grid(LINK)
    grid[20][20] = not grid[20][20]
    with pytest.raises(AssertionError):
        read_back(grid)


def test_the_squares_are_where_every_reader_looks_for_them() -> None:
    grid = qr.qr_grid("x" * 14)
    ring = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for x, y in ((0, 0), (14, 0), (0, 14)):
        assert ["".join(str(int(dark)) for dark in row[x : x + 7]) for row in grid[y : y + 7]] == ring
    assert [grid[6][n] for n in range(8, 13)] == [n % 2 == 0 for n in range(8, 13)]


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr.qr_grid("z" * 214)
