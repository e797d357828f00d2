"""Outdoors: mountains, lakes, sea, dunes, forests, night skies. Each takes a seeded generator and a
size, and gives linear light (see `light.py`).
"""

import numpy as np

from .light import Array, blur, gradient, grid, mix, noise, resize, ridge, smooth

# Skies from the zenith to the horizon, as they are through an evening.
SKIES = [
    [(0.05, 0.14, 0.36), (0.16, 0.33, 0.62), (0.48, 0.64, 0.82), (0.86, 0.88, 0.86)],
    [(0.04, 0.07, 0.20), (0.20, 0.19, 0.42), (0.75, 0.36, 0.33), (1.25, 0.72, 0.32)],
    [(0.05, 0.10, 0.22), (0.25, 0.25, 0.42), (0.74, 0.47, 0.50), (1.10, 0.80, 0.62)],
    [(0.03, 0.09, 0.24), (0.08, 0.25, 0.45), (0.35, 0.55, 0.62), (0.95, 0.85, 0.60)],
]


def sky(rng: np.random.Generator, width: int, height: int, horizon: float) -> tuple[Array, Array]:
    """A sky with a sun and clouds above a horizon at `horizon`, and the colour of its haze."""
    x, y = grid(width, height)
    colours = SKIES[rng.integers(len(SKIES))]
    depth = np.clip((y + 1) / (horizon + 1), 0, 1)
    light = gradient(colours, depth ** 1.3)
    sun_x, sun_y = rng.uniform(-0.9, 0.9), horizon - rng.uniform(0.12, 0.5)
    distance = np.hypot(x - sun_x, y - sun_y)
    warm = np.asarray(colours[-1], np.float32) * (1.5, 1.2, 0.8)
    clouds = smooth(0.48, 0.85, noise(rng, width, height, 3, 7, stretch=3.2)) * (0.3 + depth * 0.6)
    lit = np.exp(-distance * 1.4)
    cloud = mix((0.28, 0.27, 0.34), warm * 1.25, np.clip(lit * 1.5, 0, 1))
    light = mix(light, cloud, clouds * 0.75)
    light += warm * (np.exp(-distance * 3.2) * 0.8)[..., None]
    light += warm * (smooth(0.052, 0.045, distance) * (1 - clouds * 0.7) * 9)[..., None]
    return light, np.asarray(colours[-1], np.float32)


def mountains(rng: np.random.Generator, width: int, height: int) -> Array:
    """Ranges one behind the other, each paler than the one before it."""
    light, haze = sky(rng, width, height, 0.45)
    x, y = grid(width, height)
    near = np.asarray((0.010, 0.018, 0.022), np.float32)
    # Air between scatters blue, and takes on some of the horizon's colour.
    far = haze * 0.25 + np.asarray((0.10, 0.15, 0.25), np.float32)
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        line = 0.05 + share * 0.8 + ridge(rng, width, 0.52) * (0.42 - 0.2 * share)
        # Light from one side, on a surface of which the noise is the height.
        rock = np.gradient(noise(rng, width, height, 5, 7), axis=1) * width / 14
        below = y - line[None, :]
        cover = smooth(-0.004, 0.004, below)
        colour = mix(far, near, np.full_like(y, share ** 0.7))
        colour = colour * np.clip(1 + rock * (0.03 + 0.8 * share ** 2), 0.3, 2)[..., None]
        mist = np.exp(-np.abs(below - 0.3) * 6) * 0.45 * (1 - share)
        light = mix(light, mix(colour, haze * 0.75, mist), cover)
    return light


def lake(rng: np.random.Generator, width: int, height: int) -> Array:
    """A range and its sky, and both again in water that is not quite still."""
    shore = int(height * rng.uniform(0.5, 0.6))
    above = mountains(rng, width, shore)
    rows = height - shore
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    ripples = noise(rng, width, rows, 36, 3, stretch=9) - 0.5
    source_row = shore - 1 - depth * (shore - 1) * 0.92 + ripples * depth ** 0.7 * rows * 0.25
    source_column = np.arange(width)[None, :] + ripples * depth * width * 0.03
    mirrored = above[np.clip(source_row, 0, shore - 1).astype(int),
                     np.clip(source_column, 0, width - 1).astype(int)]
    water = mirrored * (0.72 - 0.3 * depth[..., None]) + np.asarray((0.004, 0.014, 0.02))
    light = np.concatenate([above, water.astype(np.float32)])
    light[shore - 2:shore + 2] *= 0.45
    return light


def sea(rng: np.random.Generator, width: int, height: int) -> Array:
    """Waves to the horizon, and the sun's road on them."""
    horizon_row = int(height * rng.uniform(0.42, 0.52))
    above, haze = sky(rng, width, horizon_row, 0.99)
    rows = height - horizon_row
    down = (np.arange(rows, dtype=np.float32) + 1.5) / rows
    distance = (1 / down)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * distance * 2.2
    slope_x, slope_y = np.zeros((rows, width), np.float32), np.zeros((rows, width), np.float32)
    for _ in range(26):
        frequency = rng.uniform(1.5, 60)
        heading = rng.normal(0, 0.7)
        phase = (across * np.sin(heading) + distance * np.cos(heading)) * frequency
        # Waves that are finer than a pixel at that distance only flicker: they fade out.
        seen = np.exp(-(frequency * distance ** 2 / rows) ** 2 * 6)
        wave = np.cos(phase + rng.uniform(0, 7)) * seen / frequency ** 0.35
        slope_x += wave * np.sin(heading)
        slope_y += wave * np.cos(heading)
    slope_x, slope_y = slope_x * 0.22, slope_y * 0.22
    grazing = np.clip(1 - down[:, None] * 0.75 + slope_y * 0.5, 0, 1) ** 2.5
    mirrored = above[np.clip(horizon_row * (0.98 - np.abs(slope_y) * 0.7 - down[:, None] * 0.35),
                             0, horizon_row - 1).astype(int),
                     np.clip(np.arange(width) + slope_x * width * 0.3, 0, width - 1).astype(int)]
    deep = np.asarray((0.008, 0.045, 0.06), np.float32) * (1 + slope_y[..., None] * 2)
    water = mix(deep, blur(mirrored, 3), 0.12 + 0.8 * grazing)
    brightest = int(np.argmax(blur(above.sum(axis=-1), 24).max(axis=0)))
    road = np.exp(-((np.arange(width) - brightest) / (width * 0.09)) ** 2)[None, :]
    water += haze * (smooth(0.25, 0.6, slope_y + slope_x * 0.4) * road * 4)[..., None]
    return np.concatenate([above, water.astype(np.float32)])


def dunes(rng: np.random.Generator, width: int, height: int) -> Array:
    """Sand: crests with a lit and a shaded side, and wind ripples."""
    x, y = grid(width, height)
    light = gradient([(0.10, 0.26, 0.55), (0.45, 0.62, 0.82), (0.95, 0.85, 0.70)],
                     np.clip((y + 1) / 1.0, 0, 1))
    bright, dark = np.asarray((0.98, 0.56, 0.26)), np.asarray((0.20, 0.085, 0.055))
    layers = 5
    for layer in range(layers):
        share = layer / (layers - 1)
        line = -0.12 + share * 0.72 + ridge(rng, width, 0.3) * (0.2 + 0.25 * share)
        below = y - line[None, :]
        slope = np.gradient(blur(np.repeat(line[None, :], 2, axis=0), width / 40)[0]) * width / 3
        bend = noise(rng, width, height, 3, 3)
        # The side that falls away from the sun lies in shade down to where the slope ends.
        shade = smooth(-0.1, 0.5, slope[None, :] - below * 1.2 + bend * 0.3)
        ripples = np.sin((below * 85 + x * 9 + bend * 30) / (0.4 + share))
        sand = mix(bright, dark, shade * 0.92)
        sand = sand * (1 + ripples * 0.07 * (0.3 + share) * (1 - shade))[..., None]
        sand = sand * (0.93 + 0.14 * noise(rng, width, height, 90, 2))[..., None]
        sand = mix(sand, (0.95, 0.80, 0.66), np.full_like(y, 0.5 * (1 - share) ** 1.5))
        light = mix(light, sand, smooth(-0.003, 0.003, below))
    return light.astype(np.float32)


def forest(rng: np.random.Generator, width: int, height: int) -> Array:
    """Trunks in the fog of a morning, with the sun somewhere behind them."""
    x, y = grid(width, height)
    sun_x = rng.uniform(-0.6, 0.6)
    fog = np.asarray((0.78, 0.74, 0.50)) * rng.uniform(0.8, 1.15, 3)
    halo = np.exp(-np.hypot(x - sun_x, (y + 0.45) * 0.8) * 1.5)
    light = mix(fog * 0.42, fog * 1.7, halo)
    layers = 7
    for layer in range(layers):
        share = (layer + 1) / layers
        trunk = mix(light * 0.85, (0.012, 0.020, 0.012), np.full_like(y, share ** 1.2))
        cover = np.zeros_like(y)
        for _ in range(int(26 * (1 - share) + 3)):
            place, lean = rng.uniform(-1.8, 1.8), rng.normal(0, 0.04)
            thick = (0.006 + 0.05 * share ** 2) * rng.uniform(0.6, 1.3)
            edge = np.abs(x - place - lean * y - 0.012 * np.sin(y * 5 + place * 9))
            cover = np.maximum(cover, smooth(thick + 0.006, thick - 0.004,
                                             edge * (1 - 0.2 * smooth(0.4, 1, y))))
        leaves = noise(rng, width, height, 5 + 4 * layer, 6)
        cover = np.maximum(cover, smooth(0.56, 0.70, leaves - (y + 0.7) * 0.5) * 0.8)
        ground = 0.55 + 0.4 * share + 0.05 * (leaves - 0.5)
        cover = np.maximum(cover, smooth(ground - 0.05, ground + 0.05, y))
        light = mix(light, trunk, cover)
    angle = np.arctan2(x - sun_x, y + 1.25)
    rays = resize(rng.random((1, 90), np.float32), 2048, 1)[0]
    shafts = rays[np.clip((angle / np.pi + 0.5) * 2047, 0, 2047).astype(int)]
    return light + fog * (smooth(0.3, 1.1, shafts) * halo * smooth(-1.1, -0.4, y) * 0.5)[..., None]


def stars(rng: np.random.Generator, width: int, height: int) -> Array:
    """The Milky Way above a dark ridge."""
    x, y = grid(width, height)
    light = gradient([(0.006, 0.010, 0.028), (0.014, 0.026, 0.055), (0.10, 0.085, 0.075)],
                     np.clip((y + 1) / 1.75, 0, 1) ** 2.4)
    tilt = rng.uniform(0.5, 1.1) * rng.choice((-1, 1))
    across = x * np.cos(tilt) + (y + 0.2) * np.sin(tilt)
    clouds = noise(rng, width, height, 5, 7)
    band = np.exp(-(across / 0.30) ** 2) * (0.35 + clouds)
    dust = smooth(0.52, 0.75, noise(rng, width, height, 7, 7)) * np.exp(-(across / 0.14) ** 2)
    light += np.asarray((0.20, 0.17, 0.19)) * (band * (1 - 0.85 * dust))[..., None]
    nebula = np.exp(-(across / 0.12) ** 2) * clouds ** 3
    light += np.asarray((0.10, 0.02, 0.05)) * nebula[..., None]
    # A star on one pixel of some hundreds, and on more where the band is.
    has_star = rng.random((height, width)) < (0.25 + 1.6 * band * (1 - dust)) / 260
    power = rng.pareto(1.6, (height, width)) * 0.22 * has_star
    tint = gradient([(0.6, 0.75, 1.2), (1, 1, 1), (1.2, 0.85, 0.6)], rng.random((height, width)))
    points = np.clip(power, 0, 14)[..., None] * tint
    light += points + 1.6 * blur(points, 2.2)
    line = 0.62 + ridge(rng, width, 0.5) * 0.3
    return mix(light, (0.004, 0.005, 0.007), smooth(-0.004, 0.004, y - line[None, :]))
