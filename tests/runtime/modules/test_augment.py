"""Augment: every sample changed in its own way, image and mask alike."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.augmenting import Joined, joined
from runtime.modules.augment import Augment
from runtime.modules.motion import compose
from runtime.modules.moves import Moves

ALL = {
    "flip_horizontal": True, "flip_vertical": True, "flip_depth": True, "rotate": 30.0, "tilt": 10.0, "shift": 10.0,
    "zoom": 20.0, "shear": 10.0, "crop": 20.0, "elastic": 5.0, "probability": 1.0,
}  # fmt: skip
SHAPES = [(24, 40), (10, 24, 32)]
AMOUNTS = {
    "rotate": 180.0, "tilt": 180.0, "shift": 60.0, "zoom": 60.0, "shear": 45.0, "crop": 60.0, "elastic": 9.0
}  # fmt: skip


@pytest.fixture(autouse=True)
def same_numbers_every_time():
    torch.manual_seed(7)


def drawn(*shape):
    """A batch of masks with one box each, off the middle so that every flip shows."""
    mask = torch.zeros(6, *shape, dtype=torch.int64)
    mask[(slice(None), *(slice(n // 4, n // 4 + n // 3) for n in shape))] = 1
    return mask


def smooth(*shape):
    """Two images without edges, each axis different."""
    image = torch.zeros(2, 1, *shape)
    for axis, length in enumerate(shape):
        along = torch.linspace(0, 2 + axis, length).reshape(length, *([1] * (len(shape) - axis - 1)))
        image = image + torch.cos(along)
    return image


def always(augment, value):
    """The same number instead of every random one from -1 to 1."""
    augment._between = lambda images, count=1: torch.full((len(images), count), value)
    return augment


def middle(image, share=3):
    return image[(..., *(slice(n // share, n - n // share) for n in image.shape[2:]))]


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    amounts=st.fixed_dictionaries({name: st.floats(0, most) for name, most in AMOUNTS.items()}),
    flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    edges=st.sampled_from(["fill", "repeat", "mirror"]),
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 1000),
)
def test_that_a_mask_stays_on_the_image_it_was_drawn_on(amounts, flips, edges, shape, seed):
    names = ("flip_horizontal", "flip_vertical", "flip_depth")
    augment = Augment(**amounts, **dict(zip(names, flips, strict=True)), edges=edges, probability=0.8)
    mask = drawn(*shape)
    torch.manual_seed(seed)
    image, masks = augment.together(mask[:, None].float(), {"source": mask})
    moved = masks["source"]
    assert moved.dtype == torch.int64
    assert moved.shape == mask.shape
    assert image.shape == (6, 1, *shape)
    # Nearest differs from linear only where a pixel lies between both; further than that the two must agree.
    wrong = (moved == 1) != (image[:, 0] > 0.5)
    assert torch.all(image[:, 0][wrong] > 0.5 ** len(shape) - 0.01)
    assert torch.all(image[:, 0][wrong] < 1.01 - 0.5 ** len(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_that_nothing_changes_when_it_is_not_training(shape):
    augment = Augment(**ALL).eval()
    mask = drawn(*shape)
    image, masks = augment.together(mask[:, None].float(), {"source": mask})
    assert torch.equal(image[:, 0], mask.float())
    assert torch.equal(masks["source"], mask)
    assert torch.equal(augment(image), image)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("augment", [Augment(), Augment(**{**ALL, "probability": 0.0})], ids=["nothing", "no chance"])
def test_that_where_nothing_is_to_change_the_image_stays(shape, augment):
    image, mask = torch.rand(6, 2, *shape), drawn(*shape)
    same, masks = augment.together(image, {"source": mask})
    torch.testing.assert_close(same, image, atol=1e-4, rtol=0)
    assert torch.equal(masks["source"], mask)


@pytest.mark.parametrize(("setting", "axis"), [("flip_horizontal", -1), ("flip_vertical", -2), ("flip_depth", -3)])
@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_sure_flip_mirrors_the_axis_it_names_and_twice_is_none(setting, axis, shape):
    image = torch.rand(3, 1, *shape)
    flip = Augment(**{setting: True}, probability=1.0)
    expected = image.flip(axis) if -axis <= len(shape) else image
    torch.testing.assert_close(flip(image), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(flip(flip(image)), image, atol=1e-4, rtol=0)


@pytest.mark.parametrize("shape", [(32, 32), (20, 60), (6, 20, 28)])
def test_that_a_full_turn_in_two_halves_changes_nothing(shape):
    image = torch.rand(2, 1, *shape)
    half = always(Augment(rotate=180.0, probability=1.0), 1.0)
    torch.testing.assert_close(half(half(image)), image, atol=1e-3, rtol=0)
    torch.testing.assert_close(half(image), image.flip(-1, -2), atol=1e-3, rtol=0)


def test_that_a_rotation_keeps_proportions_where_the_sides_differ():
    augment = always(Augment(rotate=90.0, probability=1.0), 1.0)
    image = torch.zeros(1, 1, 20, 60)
    image[0, 0, 10, 25:35] = 1  # a bar of 10 columns in the middle
    turned = augment(image)[0, 0]
    assert turned.sum() == pytest.approx(10, abs=0.1)
    rows, columns = torch.nonzero(turned > 0.4, as_tuple=True)
    assert len(rows.unique()) >= 10
    assert len(columns.unique()) <= 2


def test_that_a_tilt_turns_a_volume_out_of_its_slices():
    augment = always(Augment(tilt=90.0, probability=1.0), 1.0)
    volume = torch.zeros(1, 1, 21, 21, 21)
    volume[0, 0, 10, 10, 6:15] = 1
    found = torch.nonzero(augment(volume)[0, 0] > 0.5)  # depth, row, column
    assert len(found) == 9
    assert len(found[:, 2].unique()) == 1


def test_that_a_shift_is_a_share_of_the_size():
    augment = always(Augment(shift=25.0, probability=1.0), 1.0)
    image = torch.rand(1, 1, 8, 16)
    torch.testing.assert_close(augment(image)[..., :6, :12], image[..., 2:, 4:], atol=1e-5, rtol=0)


def test_that_a_zoom_enlarges_by_its_share():
    augment = always(Augment(zoom=50.0, probability=1.0), 1.0)
    image = torch.zeros(1, 1, 60, 60)
    image[..., 20:40, 20:40] = 1
    assert augment(image).sum() == pytest.approx(30 * 30, rel=0.02)


def test_that_a_shear_moves_rows_by_its_slope():
    augment = always(Augment(shear=45.0, probability=1.0), 1.0)
    image = torch.zeros(1, 1, 21, 21)
    image[..., 10] = 1  # a column becomes a diagonal
    torch.testing.assert_close(augment(image)[0, 0], torch.eye(21).flip(1), atol=1e-4, rtol=0)


def test_that_a_crop_shows_a_part_of_the_image_and_nothing_from_beyond():
    image = torch.ones(64, 1, 32, 32)
    image[..., :8] = 3
    augment = Augment(crop=60.0, probability=1.0, fill=-1000.0)
    assert torch.all(augment(image)[..., 1:-1, 1:-1] > 0.99)
    corner = always(Augment(crop=50.0, probability=1.0), 1.0)  # half of each side is left, at the far corner
    ramp = torch.arange(32.0).expand(1, 1, 32, 32)
    torch.testing.assert_close(corner(ramp)[0, 0, 0, 4:-4], torch.linspace(15.75, 31.25, 32)[4:-4], atol=1e-3, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_elastic_moves_each_place_by_its_share_at_most_and_never_folds(shape):
    augment = Augment(elastic=9.9, bends=4, probability=1.0)
    grid = augment.draw(torch.zeros(8, 1, *shape)).grid(shape)
    still = Augment().draw(torch.zeros(8, 1, *shape)).grid(shape)
    moved = (grid - still).abs()
    assert 0.02 < moved.max() <= 2 * 0.099
    for axis in range(len(shape)):  # columns first in the grid, last in the image
        assert torch.all(grid[:, axis].diff(dim=-1 - axis) > 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_points_go_where_the_pixels_go(shape):
    image = torch.zeros(6, 1, *shape)
    places = [n // 2 + 1 for n in shape]
    image[(slice(None), 0, *places)] = 1
    augment = Augment(rotate=40.0, shift=10.0, zoom=20.0, shear=10.0, elastic=4.0, flip_horizontal=True)
    motion = augment.draw(image).then(augment.draw(image))
    seen = augment.move(image, {}, motion)[0][:, 0]
    points = torch.tensor([(2 * place + 1) / n - 1 for place, n in zip(places, shape, strict=True)]).flip(0)
    found = motion.points(points.expand(6, 1, -1))[:, 0]
    for sample, point in zip(seen, found, strict=True):
        at = ((point.flip(0) + 1) * torch.tensor(shape) - 1) / 2
        weights = sample / sample.sum()
        centre = torch.stack([
            (weights.sum([d for d in range(len(shape)) if d != axis]) * torch.arange(n)).sum()
            for axis, n in enumerate(shape)
        ])  # fmt: skip
        torch.testing.assert_close(centre, at, atol=0.6, rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_each_sample_is_changed_in_its_own_way_and_the_seed_repeats_it(shape):
    image = torch.rand(1, 1, *shape).expand(4, 1, *shape)
    torch.manual_seed(3)
    first = Augment(**ALL)(image)
    torch.manual_seed(3)
    assert torch.equal(first, Augment(**ALL)(image))
    assert len({tuple(sample.flatten().tolist()) for sample in first}) == 4


def test_that_what_comes_in_from_beyond_the_edge_is_the_fill_value_and_0_in_masks():
    augment = always(Augment(zoom=90.0, probability=1.0, fill=-1000.0), -1.0)
    image, masks = augment.together(
        torch.full((1, 1, 20, 20), 5.0), {"source": torch.ones(1, 20, 20, dtype=torch.int64)}
    )
    assert image[0, 0, 0, 0] == -1000
    assert masks["source"][0, 0, 0] == 0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("elastic", [0.0, 4.0])
def test_that_augmentations_joined_equal_one_after_the_other(shape, elastic):
    image = smooth(*shape)
    parts = [Augment(rotate=20.0, shift=5.0, zoom=10.0, elastic=elastic, probability=1.0, edges="repeat")] * 3
    both = joined(joined(parts[0], parts[1]), parts[2])
    assert isinstance(both, Joined)
    torch.manual_seed(5)
    once = both(image)
    torch.manual_seed(5)
    one_by_one = image
    for part in parts:
        one_by_one = part(one_by_one)
    torch.testing.assert_close(middle(once), middle(one_by_one), atol=0.05, rtol=0)
    motion = parts[0].draw(image).then(parts[1].draw(image))
    assert len(motion.steps) == (2 if elastic else 1)


def test_that_matrices_are_composed_in_the_order_of_the_changes():
    shift, zoom = (Augment(**{name: 10.0}, probability=1.0).draw(torch.zeros(2, 1, 8, 8)) for name in ("shift", "zoom"))
    both = compose(shift.steps[0].matrix, zoom.steps[0].matrix)
    torch.testing.assert_close(shift.then(zoom).steps[0].matrix, both)


def test_that_a_large_batch_is_moved_like_its_samples_one_by_one():
    augment = Augment(**ALL)
    image, mask = torch.rand(5, 1, 512, 512), torch.ones(5, 512, 512, dtype=torch.int64)
    motion = augment.draw(image)
    whole, masks = augment.move(image, {"source": mask}, motion)
    one = slice(3, 4)
    alone, alone_mask = augment.move(image[one], {"source": mask[one]}, motion.part(one))
    torch.testing.assert_close(whole[one], alone)
    assert torch.equal(masks["source"][one], alone_mask["source"])


def test_that_what_lies_before_it_can_still_learn():
    image = torch.rand(2, 1, 16, 16, requires_grad=True)
    Augment(**ALL)(image).sum().backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0


def test_that_places_are_not_rounded_under_autocast():
    image = torch.rand(2, 1, 64, 64)
    torch.manual_seed(1)
    plain = Augment(**ALL)(image)
    torch.manual_seed(1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(Augment(**ALL)(image), plain)


def test_that_augment_is_a_module_that_moves_masks():
    assert isinstance(Augment(), Moves)


def test_that_a_signal_is_refused_in_words():
    with pytest.raises(ValueError, match="takes 2 or 3"):
        Augment(**ALL)(torch.zeros(1, 1, 8))
