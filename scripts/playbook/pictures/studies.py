"""Indoors and in town: glass balls, lamps out of focus, a skyline, a flower. Each takes a seeded
generator and a size, and gives linear light (see `light.py`).
"""

import colorsys

import numpy as np

from .light import Array, blur, gradient, grid, mix, noise, smooth


def tint(rng: np.random.Generator, saturation: float = 0.8, value: float = 1.0) -> Array:
    return np.asarray(colorsys.hsv_to_rgb(rng.random(), saturation, value), np.float32)


def bokeh(rng: np.random.Generator, width: int, height: int) -> Array:
    """A street at night, far out of focus: every lamp is the shape of the diaphragm."""
    x, y = grid(width, height)
    night = [(0.010, 0.012, 0.030), (0.03, 0.022, 0.030), (0.012, 0.008, 0.010)]
    light = gradient(night, (y + 1) / 2)
    light = light * (0.5 + noise(rng, width, height, 3, 4))[..., None]
    lamps = [(1.0, 0.42, 0.08), (1.0, 0.60, 0.22), (1.0, 0.50, 0.12), (1.0, 0.08, 0.04),
             (0.10, 0.35, 1.0), (0.12, 0.8, 0.3), (0.9, 0.9, 1.0)]
    blades, turn = rng.integers(6, 9), rng.uniform(0, 1)
    for _ in range(70):
        radius = 0.035 + 0.17 * rng.uniform(0.15, 1) ** 1.5
        column, row = rng.uniform(-1.7, 1.7), rng.normal(0.05, 0.34)
        # Only the pixels that the lamp can reach: seventy whole pictures would take seconds.
        near = (slice(*np.searchsorted(y[:, 0], (row - radius * 1.2, row + radius * 1.2))),
                slice(*np.searchsorted(x[0], (column - radius * 1.2, column + radius * 1.2))))
        dx, dy = x[near] - column, y[near] - row
        sector = 2 * np.pi / blades
        angle = np.mod(np.arctan2(dy, dx) + turn, sector)
        corner = np.cos(sector / 2) / np.cos(angle - sector / 2)
        reach = np.hypot(dx, dy) / (radius * (0.35 + 0.65 * corner))
        disc = smooth(1.04, 0.96, reach) * (0.62 + 0.38 * smooth(0.6, 1.0, reach))
        colour = np.asarray(lamps[rng.integers(len(lamps))], np.float32)
        power = rng.uniform(0.25, 1.1) * (0.06 / radius) ** 0.6
        light[near] += colour * (disc * power)[..., None]
    return light.astype(np.float32)


def spheres(rng: np.random.Generator, width: int, height: int) -> Array:
    """Balls on a table, traced: shadows, mirrors, and a background out of focus."""
    x, y = grid(width, height)
    eye = np.asarray((0, 1.1, -5.2), np.float32)
    ray = unit(np.stack([x * 0.42, -y * 0.42 - 0.14, np.ones_like(x)], axis=-1))
    balls = []
    for index in range(7):
        radius = rng.uniform(0.32, 0.85)
        place = (rng.uniform(-2.4, 2.4), radius, rng.uniform(-1.2, 2.5))
        apart = all(np.hypot(place[0] - c[0], place[2] - c[2]) > radius + r for c, r, *_ in balls)
        if apart or not balls:
            colour = tint(rng, rng.uniform(0.6, 0.95), 0.8)
            balls.append((np.asarray(place, np.float32), radius, colour, rng.uniform(0.05, 0.6)))
    sun = unit(np.asarray((rng.uniform(-0.8, 0.8), 0.9, -0.55), np.float32))
    table = tint(rng, 0.35, 0.35)
    origin = np.broadcast_to(eye, ray.shape)
    light, share = np.zeros_like(ray), np.ones(ray.shape[:2] + (1,), np.float32)
    for _ in range(3):
        colour, gloss, origin, ray = trace(origin, ray, balls, sun, table)
        light += share * colour * (1 - gloss[..., None])
        share = share * gloss[..., None]
    return light + share * room(ray)


def unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def room(ray: Array) -> Array:
    """What is around the table: a dark room with a large window."""
    walls = [(0.02, 0.02, 0.025), (0.05, 0.045, 0.05), (0.20, 0.19, 0.22), (0.5, 0.6, 0.75)]
    light = gradient(walls, np.clip(ray[..., 1] * 0.9 + 0.25, 0, 1))
    window = smooth(0.72, 0.80, ray[..., 1]) * smooth(0.55, 0.45, np.abs(ray[..., 0]))
    return light + np.asarray((2.6, 2.5, 2.3), np.float32) * window[..., None]


def hit(origin: Array, ray: Array, centre: Array, radius: float) -> Array:
    """The distance to a ball along each ray; infinite where it is missed."""
    towards = origin - centre
    half = np.sum(towards * ray, axis=-1)
    root = half * half - (np.sum(towards * towards, axis=-1) - radius * radius)
    near = -half - np.sqrt(np.maximum(root, 0))
    return np.where((root > 0) & (near > 1e-3), near, np.inf)


def trace(origin: Array, ray: Array, balls: list, sun: Array, table: Array) -> tuple[Array, ...]:
    """One bounce: the light of what is hit, how much it mirrors, and the mirrored ray."""
    down = np.where(ray[..., 1] < -1e-4, -origin[..., 1] / np.minimum(ray[..., 1], -1e-4), np.inf)
    nearest = np.where(down > 1e-3, down, np.inf)
    which = np.where(np.isfinite(nearest), 0, -1)
    for index, (centre, radius, *_) in enumerate(balls, 1):
        distance = hit(origin, ray, centre, radius)
        which = np.where(distance < nearest, index, which)
        nearest = np.minimum(nearest, distance)
    point = origin + ray * np.where(np.isfinite(nearest), nearest, 0)[..., None]
    normal = np.zeros_like(point) + np.asarray((0, 1, 0), np.float32)
    checks = smooth(0.47, 0.53, np.abs(np.mod(point[..., 0] * 0.7, 1) - 0.5) * 2)
    fade = np.exp(-np.hypot(point[..., 0], point[..., 2] - 0.5) * 0.16)
    albedo = table * ((0.7 + 0.12 * checks) * fade)[..., None]
    gloss = np.full(which.shape, 0.10, np.float32)
    for index, (centre, radius, colour, mirror) in enumerate(balls, 1):
        here = which == index
        normal = np.where(here[..., None], (point - centre) / radius, normal)
        albedo = np.where(here[..., None], colour, albedo)
        grazing = (1 - np.clip(-np.sum(normal * ray, axis=-1), 0, 1)) ** 4
        gloss = np.where(here, mirror + (0.9 - mirror) * grazing, gloss)
    facing = np.clip(normal @ sun, 0, None)
    dark = np.zeros(which.shape, np.float32)
    for centre, radius, *_ in balls:
        # How far the way to the sun passes the ball by: a soft edge instead of a second ray.
        along = np.clip((centre - point) @ sun, 0, None)
        miss = np.linalg.norm(centre - point - along[..., None] * sun, axis=-1) / radius
        dark = np.maximum(dark, smooth(1.0 + 0.10 * along, 0.92, miss) * (along > radius * 0.3))
        near = np.linalg.norm(centre - point, axis=-1) / radius
        dark = np.maximum(dark, np.exp(-(near - 1) * 5) * 0.6 * (which == 0))
    shine = (0.20 + 0.25 * normal[..., 1] + 1.25 * facing * (1 - dark * 0.9))[..., None]
    mirrored = ray - 2 * np.sum(ray * normal, axis=-1, keepdims=True) * normal
    glint = np.clip(mirrored @ sun, 0, 1) ** 350 * 7 * (which > 0) * (1 - dark)
    missed = (which < 0)[..., None]
    light = np.where(missed, room(ray), albedo * shine + glint[..., None])
    return light, np.where(which < 0, 0, gloss), point + normal * 2e-3, mirrored


def city(rng: np.random.Generator, width: int, height: int) -> Array:
    """A skyline after sunset, its windows, and the river that shows it again."""
    shore = int(height * 0.68)
    x, y = grid(width, shore)
    dusk = [(0.015, 0.03, 0.09), (0.07, 0.08, 0.20), (0.42, 0.20, 0.22), (0.9, 0.45, 0.2)]
    light = gradient(dusk, np.clip((y + 1) / 2, 0, 1) ** 1.4)
    light += 0.05 * noise(rng, width, shore, 3, 6, stretch=4)[..., None]
    for layer in range(3):
        share = (layer + 1) / 3
        column = 0
        while column < width:
            wide = int(width * rng.uniform(0.025, 0.07) * (0.6 + share * 0.6))
            centre = abs(column / width - 0.5)
            skyline = rng.normal(0.42 + 0.35 * centre + 0.1 * share, 0.13)
            top = int(shore * np.clip(skyline, 0.08, 0.95))
            house = light[top:, column:column + wide]
            house[:] = np.asarray((0.05, 0.045, 0.075)) * (1.1 - share * 0.8)
            windows(rng, house, share, width)
            column += wide + int(rng.integers(0, max(2, width // 90)))
    rows = height - shore
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    ripples = noise(rng, width, rows, 40, 3, stretch=10) - 0.5
    source = shore - 1 - depth * shore * 0.7 + ripples * (0.1 + depth) * rows * 0.7
    mirrored = light[np.clip(source, 0, shore - 1).astype(int), np.arange(width)[None, :]]
    water = 0.6 * mirrored + 0.5 * blur(mirrored, width / 160)
    return np.concatenate([light, water.astype(np.float32) * 0.8])


def windows(rng: np.random.Generator, house: Array, share: float, width: int) -> None:
    """Lights some windows of a house, in rows as floors have them."""
    step = max(4, int(width / 260 * (0.6 + share * 0.8)))
    rows, columns = house.shape[0] // step, house.shape[1] // step
    if rows < 2 or columns < 2:
        return
    on = (rng.random((rows, columns)) < 0.26) * rng.uniform(0.3, 1.8, (rows, columns))
    warm = gradient([(1.0, 0.60, 0.24), (1.0, 0.82, 0.55), (0.75, 0.88, 1.0)],
                    rng.random((rows, columns)) ** 2)
    panes = np.repeat(np.repeat(on[..., None] * warm, step, axis=0), step, axis=1)
    bars = np.ones((rows * step, columns * step, 1), np.float32)
    bars[:: step] = bars[1:: step] = 0
    bars[:, :: step] = 0
    lit = panes * bars * (0.5 + 0.5 * share)
    house[: rows * step, : columns * step] += lit.astype(np.float32)


def flower(rng: np.random.Generator, width: int, height: int) -> Array:
    """A blossom close up: petals in rings, and a garden far behind it."""
    x, y = grid(width, height)
    garden = mix((0.03, 0.09, 0.02), (0.35, 0.52, 0.12), noise(rng, width, height, 3, 3))
    for _ in range(18):
        spot = np.hypot(x - rng.uniform(-1.6, 1.6), y - rng.uniform(-1, 1))
        disc = smooth(1.1, 0.8, spot / rng.uniform(0.08, 0.3))
        garden = garden + tint(rng, 0.5) * (disc * rng.uniform(0.03, 0.16))[..., None]
    light = blur(garden, width / 60)
    dx, dy = x - rng.uniform(-0.35, 0.35), (y - rng.uniform(-0.1, 0.1)) * 1.12
    angle, radius = np.arctan2(dy, dx), np.hypot(dx, dy)
    hue = rng.choice((0.0, 0.08, 0.14, 0.72, 0.80, 0.91))
    outer = np.asarray(colorsys.hsv_to_rgb(hue, rng.uniform(0.35, 0.8), 1.0), np.float32)
    inner = np.asarray(colorsys.hsv_to_rgb(hue + rng.uniform(-0.06, 0.06), 0.95, 0.7), np.float32)
    count = int(rng.integers(9, 16))
    for ring in range(4):
        reach = 0.86 - ring * 0.17
        turned = np.mod(angle + ring * np.pi / count + rng.uniform(0, 0.1), 2 * np.pi / count)
        side = np.abs(turned - np.pi / count) * count / np.pi
        along = radius / reach
        edge = along + 0.42 * side ** 2.6 + 0.03 * np.sin(along * 9 + ring)
        cover = smooth(1.0, 0.975, edge)
        veins = 0.93 + 0.07 * np.cos(side * 26) * smooth(0.2, 0.8, along)
        shade = (0.30 + 0.85 * along) * (1 - 0.4 * side ** 2) * veins
        shade = shade * (0.75 + 0.35 * np.clip(-dy - dx * 0.4 + 0.5, 0, 1))
        light = light * (1 - 0.5 * smooth(1.14, 0.98, edge) * (1 - cover))[..., None]
        light = mix(light, mix(inner, outer, np.clip(along, 0, 1)) * shade[..., None], cover)
    seeds = noise(rng, width, height, 60, 2)
    heart = smooth(0.20, 0.18, radius + 0.012 * (seeds - 0.5))
    dome = np.clip(1 - (radius / 0.22) ** 2, 0, 1) ** 0.5
    pollen = mix((0.30, 0.12, 0.01), (1.1, 0.72, 0.08), smooth(0.35, 0.7, seeds))
    return mix(light, pollen * (0.35 + 0.8 * dome)[..., None], heart)
