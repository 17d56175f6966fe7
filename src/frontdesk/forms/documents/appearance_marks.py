"""The marks of boxes and radio buttons, drawn as paths: a font of symbols is one more thing that may be missing."""

from math import cos, pi, sin

_BOWED = 0.5523
"""How far the handles of four curves stand off to make a circle."""


def mark(style: str, width: float, height: float, colour: bytes) -> bytes:
    """The mark of that style (`4` check, `8` cross, `l` dot, `u` diamond, `n` square, `H` star, as in /MK /CA) in
    a box of that size, filled with `colour` (operators)."""
    side = min(width, height)
    left, low = (width - side) / 2, (height - side) / 2
    if style == "l":
        path = circle(width / 2, height / 2, side * 0.25) + b" f"
    elif style in _POLYGONS:
        points = [(left + x * side, low + y * side) for x, y in _POLYGONS[style]]
        path = b" ".join(f"{x:.2f} {y:.2f} {'l' if i else 'm'}".encode() for i, (x, y) in enumerate(points)) + b" h f"
    else:
        near, far = 0.2, 0.8
        lines = [((near, near), (far, far)), ((near, far), (far, near))]
        drawn = b" ".join(
            f"{left + a * side:.2f} {low + b * side:.2f} m {left + c * side:.2f} {low + d * side:.2f} l".encode()
            for (a, b), (c, d) in lines
        )
        return b"q " + stroking(colour) + f" {max(side * 0.11, 0.6):.2f} w ".encode() + drawn + b" S Q\n"
    return b"q " + colour + b" " + path + b" Q\n"


def circle(x: float, y: float, radius: float) -> bytes:
    """A closed path, not yet painted."""
    r, k = radius, radius * _BOWED
    return (
        f"{x + r:.2f} {y:.2f} m {x + r:.2f} {y + k:.2f} {x + k:.2f} {y + r:.2f} {x:.2f} {y + r:.2f} c "
        f"{x - k:.2f} {y + r:.2f} {x - r:.2f} {y + k:.2f} {x - r:.2f} {y:.2f} c "
        f"{x - r:.2f} {y - k:.2f} {x - k:.2f} {y - r:.2f} {x:.2f} {y - r:.2f} c "
        f"{x + k:.2f} {y - r:.2f} {x + r:.2f} {y - k:.2f} {x + r:.2f} {y:.2f} c h"
    ).encode()


def stroking(colour: bytes) -> bytes:
    """The operators of a fill colour as those of a line's colour."""
    return b" ".join({b"g": b"G", b"rg": b"RG", b"k": b"K"}.get(part, part) for part in colour.split())


def _star() -> tuple[tuple[float, float], ...]:
    corners = ((0.42 if corner % 2 == 0 else 0.17, pi / 2 + corner * pi / 5) for corner in range(10))
    return tuple((0.5 + radius * cos(angle), 0.5 + radius * sin(angle)) for radius, angle in corners)


_POLYGONS = {
    "4": ((0.15, 0.5), (0.26, 0.6), (0.4, 0.41), (0.74, 0.86), (0.87, 0.78), (0.41, 0.14)),
    "u": ((0.5, 0.85), (0.85, 0.5), (0.5, 0.15), (0.15, 0.5)),
    "n": ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)),
    "H": _star(),
}
