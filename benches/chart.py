"""Draws the ratios as bars in an SVG that is legible on light and dark pages."""

from html import escape

WIDTH, ROW, BAR, TOP = 720, 44, 16, 30
LEFT, RIGHT = 12, 60
# Mid-tones have enough contrast to white and to black.
TEXT, REACHED, MISSED, GOAL = "#808080", "#2f9e6e", "#c98a2b", "#808080"


def draw(ratios: list[tuple[str, float, float]]) -> str:
    """One bar for each title, ratio and goal; a line marks the goal."""
    most = max([1.0, *(value for _, ratio, goal in ratios for value in (ratio, goal))])
    scale = (WIDTH - LEFT - RIGHT) / most
    height = TOP + ROW * len(ratios)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{TEXT}">',
        "<title>How many times as fast</title>",
        f'<text x="{LEFT}" y="18">How many times as fast; the line is the goal</text>',
    ]
    for index, (title, ratio, goal) in enumerate(ratios):
        y = TOP + ROW * index
        end = LEFT + ratio * scale
        mark = LEFT + goal * scale
        colour = REACHED if ratio >= goal else MISSED
        parts += [
            f'<text x="{LEFT}" y="{y + 14}">{escape(title)}</text>',
            f'<rect x="{LEFT}" y="{y + 20}" width="{end - LEFT:.1f}" height="{BAR}" rx="3" fill="{colour}"/>',
            f'<path d="M{mark:.1f} {y + 17}v{BAR + 6}" stroke="{GOAL}" stroke-width="2"/>',
            f'<text x="{max(end, mark) + 8:.1f}" y="{y + 33}" font-weight="600">{ratio:.2f}×</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
