"""What all scenes are made of: noise that looks grown, blur, glow, and the way film sees light.

A scene is an array of linear light, height × width × 3, in which 1.0 is white paper in the sun;
more than that is a lamp. Only `develop` turns it into the numbers of a picture.
"""

import numpy as np
from PIL import Image

Array = np.ndarray


def grid(width: int, height: int) -> tuple[Array, Array]:
    """Coordinates of each pixel: x from -aspect to aspect, y from -1 at the top to 1."""
    aspect = width / height
    x = np.linspace(-aspect, aspect, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)
    return np.meshgrid(x, y)


def mix(a, b, share: Array) -> Array:
    """From a to b; colours and whole pictures both work."""
    share = share[..., None]
    return np.asarray(a, np.float32) * (1 - share) + np.asarray(b, np.float32) * share


def smooth(low: float, high: float, value: Array) -> Array:
    """0 below low, 1 above high, and no corner in between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def gradient(colours: list[tuple[float, ...]], position: Array) -> Array:
    """Colours spread evenly over the positions 0 to 1."""
    stops = np.linspace(0, 1, len(colours))
    table = np.asarray(colours, np.float32)
    channels = [np.interp(position, stops, table[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def resize(values: Array, width: int, height: int) -> Array:
    how = Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize((width, height), how))


def noise(rng: np.random.Generator, width: int, height: int, cells: float = 4.0,
          octaves: int = 6, stretch: float = 1.0) -> Array:
    """Clouds between about 0 and 1: each octave is half as strong and twice as fine.

    `cells` is how many of the largest lumps fit into the height, `stretch` how much wider than high
    they are.
    """
    total = np.zeros((height, width), np.float32)
    weight, weights = 1.0, 0.0
    for _ in range(octaves):
        rows = max(2, round(cells))
        columns = max(2, round(cells * width / height / stretch))
        if rows > height:
            break
        lumps = rng.random((rows + 2, columns + 2), np.float32)
        total += weight * resize(lumps, width, height)
        weights += weight
        weight, cells = weight / 2, cells * 2
    return np.clip((total / weights - 0.5) * 1.6 + 0.5, 0, 1)


def ridge(rng: np.random.Generator, width: int, roughness: float = 0.5) -> Array:
    """The outline of a range of hills, between about -1 and 1."""
    line = np.zeros(width, np.float32)
    points, weight = 4, 1.0
    while points < width:
        heights = rng.uniform(-1, 1, points).astype(np.float32)
        line += weight * resize(heights[None, :], width, 1)[0]
        points, weight = points * 2, weight * roughness
    return line / (1 / (1 - roughness))


def blur(light: Array, radius: float) -> Array:
    """A soft blur that costs the same at any radius: smaller, then larger again."""
    height, width = light.shape[:2]
    small = max(2, round(width / radius)), max(2, round(height / radius))
    channels = [light] if light.ndim == 2 else [light[..., c] for c in range(light.shape[2])]
    how = Image.Resampling
    blurred = []
    for channel in channels:
        image = Image.fromarray(np.ascontiguousarray(channel, np.float32))
        image = image.resize(small, how.BOX).resize((width, height), how.BICUBIC)
        blurred.append(np.asarray(image))
    return blurred[0] if light.ndim == 2 else np.stack(blurred, axis=-1)


def glow(light: Array, strength: float = 0.25) -> Array:
    """What lamps do in a lens: they light up what is around them."""
    bright = np.maximum(light - 0.9, 0)
    width = light.shape[1]
    return light + strength * (blur(bright, width / 90) + blur(bright, width / 24))


def develop(light: Array, rng: np.random.Generator, exposure: float = 1.0,
            grain: float = 0.012) -> Image.Image:
    """The picture that a camera makes of this light: lens, film curve, grain, sRGB."""
    height, width = light.shape[:2]
    x, y = grid(width, height)
    radius = (x * x + y * y) / (1 + (width / height) ** 2)
    light = glow(light) * (exposure * (1 - 0.45 * radius[..., None]))
    # Film's S: dark gets darker, and what is brighter than white fades into it (Narkowicz's fit of
    # the Academy's curve).
    light = np.clip(light, 0, None) * 0.8
    light = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)
    grey = light.mean(axis=-1, keepdims=True)
    light = np.clip(grey + (light - grey) * 1.15, 0, 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    # Sensors are noisier in the dark, and a little more so in colour than in brightness.
    noisy = rng.normal(0, grain, (height, width, 1)) + rng.normal(0, grain / 2, shown.shape)
    shown = shown + noisy * (1.3 - shown)
    return Image.fromarray((np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8), "RGB")
