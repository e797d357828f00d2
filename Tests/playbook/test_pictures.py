"""The pictures of the playbook: what they are, what they say about themselves, that they repeat."""

import hashlib
import io
import pathlib

import pytest
from PIL import ExifTags, Image, ImageStat

import pictures
from pictures import CAMERAS, FORMATS, SCENES, huge_bmp, make_album, make_pictures
from service import Service

SMALL = (240, 160)
# Below this, and the picture is as good as one colour.
CONTRAST_MIN = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[pictures.Picture]:
    return make_pictures(tmp_path_factory.mktemp("made"), seed=5, size=SMALL)


def test_there_is_one_of_each_scene_and_every_format(made):
    assert [picture.scene for picture in made] == list(SCENES)
    assert {picture.format for picture in made} == set(FORMATS)


def test_each_is_what_it_says_and_shows_something(made):
    for picture in made:
        with Image.open(picture.path) as opened:
            assert opened.format == picture.format
            expected = (120, 80) if picture.format == "GIF" else SMALL
            assert opened.size == expected
            spread = ImageStat.Stat(opened.convert("L")).stddev[0]
        assert spread > CONTRAST_MIN, picture


def test_the_gif_is_one_that_moves(made):
    [gif] = [picture for picture in made if picture.format == "GIF"]
    with Image.open(gif.path) as opened:
        assert opened.n_frames == pictures.files.GIF_FRAMES


def test_each_format_that_can_names_the_camera_and_the_exposure(made):
    for picture in made:
        assert (picture.camera is not None) == FORMATS[picture.format][1]
        if picture.camera is None:
            continue
        with Image.open(picture.path) as opened:
            exif = opened.getexif()
            exposure = exif.get_ifd(ExifTags.IFD.Exif)
        assert exif[ExifTags.Base.Make].strip("\0") == picture.camera.make
        assert exif[ExifTags.Base.Model].strip("\0") == picture.camera.model
        assert 1 <= float(exposure[ExifTags.Base.FNumber]) < 32
        assert exposure[ExifTags.Base.ExifImageWidth] == SMALL[0]
        assert ExifTags.Base.GPSInfo not in exif, "pictures should not tell where"


def test_a_seed_gives_the_same_bytes_and_another_seed_others(made, tmp_path):
    again = make_pictures(tmp_path / "again", seed=5, size=SMALL)
    assert [picture.data for picture in again] == [picture.data for picture in made]
    others = make_pictures(tmp_path / "others", seed=6, size=SMALL)
    assert not {picture.data for picture in others} & {picture.data for picture in made}


def test_an_album_fills_folders_by_month_with_different_pictures(tmp_path):
    album = list(make_album(tmp_path, 12))
    assert len({picture.data for picture in album}) == len({p.path for p in album}) == 12
    assert {p.path.parent.name for p in album} == {f"2024-{month:02}" for month in range(3, 11)}


def test_the_service_counts_the_cameras_and_formats_that_we_meant(
        service: Service, made, tmp_path: pathlib.Path):
    everything = made + list(make_album(tmp_path, 20, seed=5))
    ids = service.upload(*((f"{number}", p.data) for number, p in enumerate(everything)))
    assert list(ids.values()) == [hashlib.sha256(p.data).hexdigest() for p in everything]
    details = service.details()
    cameras = [picture.camera.title for picture in everything if picture.camera]
    assert details["cameras"] == {name: cameras.count(name) for name in cameras}
    formats = [picture.format for picture in everything]
    assert details["formats"] == {name: formats.count(name) for name in formats}


def test_a_huge_picture_comes_in_stripes_and_is_a_picture():
    stripes = list(huge_bmp(1200, 250, rows=100))
    assert [len(stripe) for stripe in stripes] == [54, 360_000, 360_000, 180_000]
    with Image.open(io.BytesIO(b"".join(stripes))) as opened:
        opened.load()
        assert opened.size == (1200, 250)


def test_cameras_are_more_than_the_statistics_list():
    assert len({camera.title for camera in CAMERAS}) > 10
