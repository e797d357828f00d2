"""The cameras that the pictures say they were taken with, and the EXIF that such cameras write.

Makes and models are written as the real ones write them, with their capitals, commas and repeated
makes: a service that tidied them up would be found out here.
"""

import datetime
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin

Rational = TiffImagePlugin.IFDRational
APERTURES = (1.4, 1.8, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0)
SHUTTER_SPEEDS = (8, 15, 30, 60, 125, 250, 500, 1000, 2000)
SENSITIVITIES = (100, 200, 400, 800, 1600, 3200)
# Pictures of one seed are the same bytes on every day, so their time does not come from a clock.
FIRST_DAY = datetime.datetime(2024, 3, 1, 6, 30)


@dataclass(frozen=True)
class Camera:
    """A model; `name` is how it numbers its files, `share` how many people have one."""

    make: str
    model: str
    name: str
    focal_lengths_mm: tuple[float, ...]
    share: float

    @property
    def title(self) -> str:
        """What the statistics call it."""
        return f"{self.make} - {self.model}"


CAMERAS = (
    Camera("Google", "Pixel 8", "PXL_2024{:04}", (6.9,), 9),
    Camera("Apple", "iPhone 15 Pro", "IMG_{:04}", (2.2, 6.8, 9.0), 8),
    Camera("Canon", "Canon EOS R6m2", "3K4A{:04}", (24, 35, 50, 85), 6),
    Camera("SONY", "ILCE-7M4", "DSC0{:04}", (24, 35, 55, 135), 5),
    Camera("NIKON CORPORATION", "NIKON Z 6_2", "DSC_{:04}", (24, 40, 70), 4),
    Camera("FUJIFILM", "X-T5", "DSCF{:04}", (16, 23, 35, 56), 3),
    Camera("samsung", "SM-S918B", "2024{:04}", (6.3,), 3),
    Camera("Panasonic", "DC-S5M2", "P100{:04}", (20, 50), 2),
    Camera("OM Digital Solutions", "OM-1", "P310{:04}", (12, 40, 60), 2),
    Camera("LEICA CAMERA AG", "LEICA Q3", "L100{:04}", (28,), 1.5),
    Camera("RICOH IMAGING COMPANY, LTD.", "PENTAX K-3 Mark III", "IMGP{:04}", (21, 70), 1),
    Camera("Hasselblad", "X2D 100C", "B000{:04}", (38, 90), 1),
)


def any_camera(rng: np.random.Generator) -> Camera:
    """A camera, common ones more often."""
    shares = np.asarray([camera.share for camera in CAMERAS])
    return CAMERAS[rng.choice(len(CAMERAS), p=shares / shares.sum())]


def exif(camera: Camera, size: tuple[int, int], rng: np.random.Generator) -> Image.Exif:
    """What the camera would write beside the pixels. No place: pictures should not tell where."""
    taken = FIRST_DAY + datetime.timedelta(seconds=int(rng.integers(240 * 86_400)))
    time = taken.strftime("%Y:%m:%d %H:%M:%S")
    block = Image.Exif()
    block[ExifTags.Base.Make] = camera.make
    block[ExifTags.Base.Model] = camera.model
    block[ExifTags.Base.Orientation] = 1
    block[ExifTags.Base.DateTime] = time
    block[ExifTags.Base.Software] = "image_server_playbook"
    focal_length = float(rng.choice(camera.focal_lengths_mm))
    block.get_ifd(ExifTags.IFD.Exif).update({
        ExifTags.Base.ExposureTime: Rational(1, int(rng.choice(SHUTTER_SPEEDS))),
        ExifTags.Base.FNumber: Rational(round(float(rng.choice(APERTURES)) * 10), 10),
        ExifTags.Base.ISOSpeedRatings: int(rng.choice(SENSITIVITIES)),
        ExifTags.Base.ExifVersion: b"0232",
        ExifTags.Base.DateTimeOriginal: time,
        ExifTags.Base.FocalLength: Rational(round(focal_length * 10), 10),
        ExifTags.Base.ExifImageWidth: size[0],
        ExifTags.Base.ExifImageHeight: size[1],
    })
    return block
