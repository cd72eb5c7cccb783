"""QR codes (ISO/IEC 18004) of short texts: bytes, error correction M, versions 1 to 10."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

Grid = list[list[bool]]
#: Per version: codewords of error correction per block, and the blocks as (how many, data codewords of each).
BLOCKS: Final[tuple[tuple[int, tuple[tuple[int, int], ...]], ...]] = (
    (10, ((1, 16),)),
    (16, ((1, 28),)),
    (26, ((1, 44),)),
    (18, ((2, 32),)),
    (24, ((2, 43),)),
    (16, ((4, 27),)),
    (18, ((4, 31),)),
    (22, ((2, 38), (2, 39))),
    (22, ((3, 36), (2, 37))),
    (26, ((4, 43), (1, 44))),
)
#: Where the small squares lie.
ALIGNED: Final[tuple[tuple[int, ...], ...]] = (
    *((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34)),
    *((6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50)),
)
QUIET: Final = 4


def qr_path(text: str) -> tuple[int, str]:
    """The width in modules, quiet zone included, and the path of the dark ones for an SVG of that size.

    :raises ValueError: the text is too long for version 10.
    """
    grid = qr_grid(text)
    runs = []
    for y, row in enumerate(grid):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z")
            x += width or 1
    return len(grid) + 2 * QUIET, "".join(runs)


def qr_grid(text: str) -> Grid:
    """The modules, dark is true. :raises ValueError: the text is too long for version 10."""
    data = text.encode()
    version = _version(len(data))
    bits = _bits(_interleaved(_codewords(data, version), version))
    size = 17 + 4 * version
    return min((_drawn(version, size, bits, mask) for mask in range(8)), key=_penalty)


def _drawn(version: int, size: int, bits: Sequence[bool], mask: int) -> Grid:
    grid, fixed = _patterns(version, size)
    _fill(grid, fixed, bits, mask)
    _format(grid, size, mask)
    return grid


def _version(length: int) -> int:
    for version in range(1, len(BLOCKS) + 1):
        counted = 8 if version < 10 else 16
        if 4 + counted + 8 * length <= 8 * _capacity(version):
            return version
    raise ValueError("the text is too long for a QR code of version 10")


def _capacity(version: int) -> int:
    return sum(many * size for many, size in BLOCKS[version - 1][1])


def _codewords(data: bytes, version: int) -> list[int]:
    counted = 8 if version < 10 else 16
    bits = f"{0b0100:04b}{len(data):0{counted}b}" + "".join(f"{byte:08b}" for byte in data)
    room = 8 * _capacity(version)
    bits += "0" * min(4, room - len(bits))
    bits += "0" * (-len(bits) % 8)
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    pads = (0xEC, 0x11)
    return words + [pads[n % 2] for n in range(_capacity(version) - len(words))]


def _interleaved(words: Sequence[int], version: int) -> list[int]:
    extra, groups = BLOCKS[version - 1]
    blocks, at = [], 0
    for many, size in groups:
        for _ in range(many):
            blocks.append(list(words[at : at + size]))
            at += size
    checks = [_check_words(block, extra) for block in blocks]
    longest = max(len(block) for block in blocks)
    found = [block[n] for n in range(longest) for block in blocks if n < len(block)]
    return found + [check[n] for n in range(extra) for check in checks]


def _times(one: int, other: int) -> int:
    """Multiplication in the field of 256."""
    product = 0
    for shift in range(7, -1, -1):
        product = (product << 1) ^ (0x11D if product & 0x80 else 0)
        if other >> shift & 1:
            product ^= one
    return product & 0xFF


def _check_words(block: Sequence[int], extra: int) -> list[int]:
    factors = [0] * (extra - 1) + [1]
    root = 1
    for _ in range(extra):
        for n in range(extra):
            factors[n] = _times(factors[n], root) ^ (factors[n + 1] if n + 1 < extra else 0)
        root = _times(root, 2)
    rest = [0] * extra
    for word in block:
        lead = word ^ rest.pop(0)
        rest.append(0)
        rest = [value ^ _times(factor, lead) for value, factor in zip(rest, factors, strict=True)]
    return rest


def _bits(words: Sequence[int]) -> list[bool]:
    return [bool(word >> shift & 1) for word in words for shift in range(7, -1, -1)]


def _patterns(version: int, size: int) -> tuple[Grid, Grid]:
    grid = [[False] * size for _ in range(size)]
    fixed = [[False] * size for _ in range(size)]

    def put(x: int, y: int, dark: bool) -> None:
        if 0 <= x < size and 0 <= y < size:
            grid[y][x], fixed[y][x] = dark, True

    for n in range(size):
        put(n, 6, n % 2 == 0)
        put(6, n, n % 2 == 0)
    for cx, cy in ((3, 3), (size - 4, 3), (3, size - 4)):
        for dx in range(-4, 5):
            for dy in range(-4, 5):
                put(cx + dx, cy + dy, max(abs(dx), abs(dy)) not in (2, 4))
    places = ALIGNED[version - 1]
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for cx in places:
        for cy in places:
            if (cx, cy) not in corners:
                for dx in range(-2, 3):
                    for dy in range(-2, 3):
                        put(cx + dx, cy + dy, max(abs(dx), abs(dy)) != 1)
    for n in range(9):  # room for the format
        for x, y in ((8, n), (n, 8)):
            if not fixed[y][x]:
                put(x, y, False)
    for n in range(8):
        put(size - 1 - n, 8, False)
        put(8, size - 1 - n, False)
    put(8, size - 8, True)
    if version >= 7:
        rest = version
        for _ in range(12):
            rest = (rest << 1) ^ (rest >> 11) * 0x1F25
        word = version << 12 | rest
        for n in range(18):
            dark = bool(word >> n & 1)
            put(size - 11 + n % 3, n // 3, dark)
            put(n // 3, size - 11 + n % 3, dark)
    return grid, fixed


def _fill(grid: Grid, fixed: Grid, bits: Sequence[bool], mask: int) -> None:
    for at, (x, y) in enumerate(_way(fixed)):
        grid[y][x] = (at < len(bits) and bits[at]) ^ _masked(mask, x, y)


def _way(fixed: Grid) -> Iterator[tuple[int, int]]:
    size = len(fixed)
    right = size - 1
    while right >= 1:
        if right == 6:
            right = 5
        upwards = (right + 1) & 2 == 0
        for n in range(size):
            y = size - 1 - n if upwards else n
            for x in (right, right - 1):
                if not fixed[y][x]:
                    yield x, y
        right -= 2


def _masked(mask: int, x: int, y: int) -> bool:
    tests = (
        *((x + y) % 2, y % 2, x % 3, (x + y) % 3, (x // 3 + y // 2) % 2),
        *(x * y % 2 + x * y % 3, (x * y % 2 + x * y % 3) % 2, ((x + y) % 2 + x * y % 3) % 2),
    )
    return tests[mask] == 0


def _format(grid: Grid, size: int, mask: int) -> None:
    rest = mask  # correction M is 00
    for _ in range(10):
        rest = (rest << 1) ^ (rest >> 9) * 0x537
    word = (mask << 10 | rest) ^ 0x5412
    dark = [bool(word >> n & 1) for n in range(15)]
    for n in range(6):
        grid[n][8] = dark[n]
    grid[7][8], grid[8][8], grid[8][7] = dark[6], dark[7], dark[8]
    for n in range(9, 15):
        grid[8][14 - n] = dark[n]
    for n in range(8):
        grid[8][size - 1 - n] = dark[n]
    for n in range(8, 15):
        grid[size - 15 + n][8] = dark[n]


def _penalty(grid: Grid) -> int:
    size = len(grid)
    cost = 0
    for lines in (grid, [list(column) for column in zip(*grid, strict=True)]):
        for line in lines:
            text = "".join("1" if dark else "0" for dark in line)
            cost += sum(len(run) - 2 for run in _runs(text) if len(run) >= 5)
            cost += 40 * sum(text[at : at + 11] in ("10111010000", "00001011101") for at in range(size - 10))
    for y in range(size - 1):
        for x in range(size - 1):
            cost += 3 * (grid[y][x] == grid[y][x + 1] == grid[y + 1][x] == grid[y + 1][x + 1])
    dark = sum(map(sum, grid))
    return cost + 10 * (abs(20 * dark - 10 * size * size) // (size * size))


def _runs(text: str) -> list[str]:
    return text.replace("01", "0 1").replace("10", "1 0").split(" ")
