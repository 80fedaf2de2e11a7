"""What losses, metrics, preparation and optimizers accept, and the words with which they refuse."""

import pytest

import nodes  # noqa: F401  registers every type
from nodes.losses import BinaryCrossEntropy, CrossEntropy, Dice, DiceCrossEntropy, Focal, SquaredError
from nodes.metrics import AUC, Accuracy, DiceScore, MeanAbsoluteError, Sensitivity, TopK
from nodes.optimizers import SGD
from nodes.preparation import Grey, Normalise, Resize
from nodes.spec import REGISTRY, Category, Target, Unfit

SIX = Target("class", (), tuple("abcdef"), (5, 5, 5, 5, 5, 5))
TWO = Target("class", (), ("no", "yes"), (90, 10))
FINDING = Target("class", (), ("nodule", "no finding"), (10, 90))
MASK = Target("mask", (28, 28), ("background", "lesion", "vessel"))
LESION = Target("mask", (28, 28), ("background", "lesion"))
NUMBER = Target("number", (1,))
IMAGE = Target("image", (1, 28, 28))


@pytest.mark.parametrize(
    ("node", "prediction", "target", "words"),
    [
        (CrossEntropy(), (10,), SIX, "has 10 scores, but the target has 6 classes; use Dense with 6 features"),
        (CrossEntropy(), (1,), SIX, "has 1 score, but the target has 6 classes; use Dense with 6 features"),
        (CrossEntropy(), (1,), TWO, "use Dense with 2 features"),
        (CrossEntropy(), (16, 7, 7), SIX, "image of 16×7×7.*use Global pooling or Flatten, and Dense with 6 features"),
        (CrossEntropy(), (2,), Target("class", (), ("all",), (9,)), "one class only .“all”.; two or more fit"),
        (CrossEntropy(), (2,), Target("class", ()), "name no classes; choose the labels in the source"),
        (CrossEntropy(), (5, 28, 28), MASK, "5 scores, but the target has 3 classes; use Convolution with 3 filters"),
        (CrossEntropy(), (3, 14, 14), MASK, "14×14 pixels, but the mask has 28×28; use Upsample"),
        (Dice(), (3,), MASK, "leave out Flatten and Dense, and use Convolution with 3 filters"),
        (Dice(), (1, 28, 28), MASK, "1 score, but the target has 3 classes"),
        (Focal(), (4,), SIX, "use Dense with 6 features"),
        (BinaryCrossEntropy(), (2,), TWO, "takes one score, and 2 came; use Dense with 1 feature"),
        (BinaryCrossEntropy(), (2, 28, 28), LESION, "use Convolution with 1 filter"),
        (BinaryCrossEntropy(), (1,), SIX, "for two classes; 6 came: use Cross-entropy"),
        (BinaryCrossEntropy(), (1, 9, 9), TWO, "Dense with 1 features? before it"),
        (SquaredError(), (3,), NUMBER, "has 3 numbers, but the target has 1; use Dense with 1 feature before it"),
        (SquaredError(), (4, 7, 7), NUMBER, "one number for each image; use Global pooling or Flatten"),
        (SquaredError(), (3, 28, 28), IMAGE, "is 3×28×28, but the target is 1×28×28"),
        (Accuracy(), (5,), SIX, "use Dense with 6 features"),
        (AUC(), (1,), SIX, "use Dense with 6 features"),
        (TopK(k=7), (6,), SIX, "k is 7, but there are 6 classes; 6 or less fits"),
        (DiceScore(), (3, 7, 7), MASK, "7×7 pixels, but the mask has 28×28"),
        (MeanAbsoluteError(), (2,), NUMBER, "use Dense with 1 feature before it"),
        (Sensitivity(positive="ill"), (2,), TWO, "no class “ill”; choose one of no, yes, or leave it empty"),
    ],
)
def test_that_a_prediction_that_does_not_fit_is_refused_with_the_way_out(node, prediction, target, words):
    with pytest.raises(Unfit, match=words):
        node.infer(prediction, target)


@pytest.mark.parametrize(
    ("node", "prediction", "target", "activation", "task"),
    [
        (CrossEntropy(), (6,), SIX, "softmax", "classification"),
        (CrossEntropy(), (3, 28, 28), MASK, "softmax", "segmentation"),
        (BinaryCrossEntropy(), (1,), TWO, "sigmoid", "classification"),
        (BinaryCrossEntropy(), (1, 28, 28), LESION, "sigmoid", "segmentation"),
        (BinaryCrossEntropy(), (1, 28, 28), IMAGE, "sigmoid", "image"),
        (SquaredError(), (1,), NUMBER, "identity", "regression"),
        (SquaredError(), (1, 28, 28), IMAGE, "identity", "image"),
        (Dice(), (3, 28, 28), MASK, "softmax", "segmentation"),
        (Dice(), (1, 28, 28), LESION, "sigmoid", "segmentation"),
        (DiceCrossEntropy(), (2, 28, 28), LESION, "softmax", "segmentation"),
        (Focal(), (1,), TWO, "sigmoid", "classification"),
        (Focal(), (6,), SIX, "softmax", "classification"),
    ],
)
def test_that_a_loss_says_what_makes_an_answer_of_the_scores(node, prediction, target, activation, task):
    assert node.infer(prediction, target) == ()
    assert (node.activation(prediction, target), node.task(prediction, target)) == (activation, task)


def test_that_balanced_weights_are_the_inverse_of_how_often_classes_occur_with_mean_1():
    weights = CrossEntropy(class_weights="balanced").call((2,), TWO).arguments["weights"]
    assert weights == pytest.approx((0.2, 1.8))


@pytest.mark.parametrize(
    ("node", "target", "words"),
    [
        (
            CrossEntropy(class_weights="balanced"),
            Target("class", (), ("no", "yes"), (9, 0)),
            "there is no sample of yes",
        ),
        (
            CrossEntropy(class_weights="balanced"),
            Target("class", (), ("no", "yes")),
            "do not say how often each occurs",
        ),
        (CrossEntropy(class_weights="given", weights=(1.0,)), TWO, r"1 class weights, but 2 classes \(no, yes\)"),
        (CrossEntropy(class_weights="given", weights=(0.0, 0.0)), TWO, "All class weights are 0"),
        (Focal(alpha=(0.1, 0.2, 0.7)), TWO, "Alpha has 3 numbers, but there are 2 classes"),
        (Focal(alpha=(1.5,)), TWO, "a single number from 0 to 1 fits"),
    ],
)
def test_that_class_weights_that_do_not_fit_are_refused(node, target, words):
    with pytest.raises(Unfit, match=words):
        node.infer((2,), target)


def test_that_a_single_score_cannot_give_the_background_no_weight():
    loss = DiceCrossEntropy(class_weights="given", weights=(0.0, 1.0))
    assert loss.infer((2, 28, 28), LESION) == ()
    with pytest.raises(Unfit, match="weight of the background is 0"):
        loss.infer((1, 28, 28), LESION)


@pytest.mark.parametrize(
    ("node", "target", "index"),
    [
        (Sensitivity(), TWO, 1),
        (Sensitivity(), SIX, None),
        (Sensitivity(positive="c"), SIX, 2),
        (Sensitivity(positive="no"), TWO, 0),
        (Sensitivity(), FINDING, 0),
        (Sensitivity(positive="no finding"), FINDING, 1),
        (Sensitivity(), Target("mask", (8, 8), ("lesion", "no finding")), 1),
    ],
)
def test_that_the_class_asked_for_is_the_one_named_or_of_two_the_one_to_be_found(node, target, index):
    assert node.call((len(target.classes),), target).arguments["positive"] == index


def test_that_nesterov_without_momentum_is_refused():
    assert SGD(nesterov=True).infer(((),)) == {}
    with pytest.raises(Unfit, match="Nesterov is on, but momentum is 0"):
        SGD(nesterov=True, momentum=0.0).infer(((),))


@pytest.mark.parametrize(
    ("node", "image", "words"),
    [
        (Grey(), (1, 8, 8), "1×8×8 came: it is grey already"),
        (Grey(), (4, 8, 8), "use a 1×1 Convolution"),
        (Normalise(method="range to 0–1", low=5.0, high=5.0), (1, 8, 8), "high must be above low"),
        (Normalise(method="mean and spread given", mean=(1.0, 2.0)), (3, 8, 8), "mean has 2 numbers.*1 or 3 fits"),
        (Resize(size=(64, 64)), (1, 8, 8, 8), "64×64 has 2 numbers, but the image has 3 axes"),
    ],
)
def test_that_preparation_that_does_not_fit_is_refused_with_the_way_out(node, image, words):
    with pytest.raises(Unfit, match=words):
        node.infer(image)


@pytest.mark.parametrize("image", [(2, 50), (1, 20, 30), (1, 5, 20, 30)])
def test_that_resize_takes_one_two_and_three_axes(image):
    assert Resize(size=16).infer(image) == (image[0], *[16] * (len(image) - 1))


def test_that_only_errors_are_better_when_lower():
    lower = {kind.id for kind in REGISTRY.values() if kind.category is Category.METRIC and not kind.higher_is_better}
    assert lower == {"mean_absolute_error", "root_mean_squared_error", "image_distance"}
