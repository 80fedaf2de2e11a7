"""What an introduction to deep learning in medical imaging teaches with each template, in a sentence or two."""

from __future__ import annotations

_DEEP = "Deeper is not better by itself: with a few hundred patients a deeper network mostly learns them by heart."

PRIMERS: dict[str, str] = {
    "image-classifier": (
        "Classification is the first task of every primer: T1 or T2, ill or well. Kernels are learned and not written "
        "by hand, and what counts is the result in patients that the network has never seen."
    ),
    "lenet": (
        "The network by which convolution, pooling and dense layers are explained, since it can be drawn on one page. "
        "It was made for digits, and tells T1 from T2 slices or chest from abdomen as well."
    ),
    "alexnet": (
        "Its victory in the ImageNet contest of 2012 is where the history of deep learning is usually begun. In "
        "medical images it soon stood for transfer learning: trained on photographs, then fine-tuned on a few scans."
    ),
    "vgg-11": (
        "The plain pattern that beginners can copy: 3×3 convolutions, a pooling, twice the maps, and again. It shows "
        "that the dense layers, and not the convolutions, hold most of the trained numbers."
    ),
    "vgg-16": (
        "Cut off before its dense layers, and with weights from photographs, it serves as a ready-made extractor of "
        "features for small medical data sets."
    ),
    "googlenet": (
        "Findings are a few pixels or half an image large, so looking through windows of several sizes at once suits "
        "medical images. Its successor told skin cancer from moles about as well as dermatologists did."
    ),
    "resnet-18": (
        "Why plain deep networks fail is a standard lesson: gradients fade on the way back. The shortcut is the cure, "
        "and the smallest residual network is the usual baseline that anything new has to beat."
    ),
    "resnet-34": f"{_DEEP} Compare both on the same patients.",
    "resnet-50": (
        "The backbone that most studies of X-rays, fundus photographs and slices report, generally with weights from "
        "ImageNet; take it for a result that others can compare with."
    ),
    "resnet-101": f"{_DEEP} It is worth its time as a backbone of detectors, or with tens of thousands of images.",
    "resnet-152": (
        "It shows how far depth was carried: more layers than VGG has by far, and yet fewer multiplications. In "
        "medical images so much depth rarely pays."
    ),
    "resnet-110": (
        "An experiment to learn from: with and without shortcuts at the same depth. Small pictures, such as cells or "
        "patches, need no network for 224×224 pixels."
    ),
    "se-resnet-50": (
        "Attention in its simplest form: not where to look, but which maps to listen to. The gate is a block that can "
        "be put into other networks."
    ),
    "densenet-121": (
        "The network behind well-known studies of fourteen findings in chest X-rays. Using maps again needs fewer "
        "trained numbers, which is welcome where patients are few."
    ),
    "squeezenet": (
        "A small model can be sent to a scanner, a telephone or another hospital; accuracy is not the only thing that "
        "a model for the clinic is chosen by."
    ),
    "mobilenet-v2": (
        "The usual choice where a model runs beside the patient: ultrasound probes, telephones, endoscopes. Depthwise "
        "convolutions are the trick to remember."
    ),
    "shufflenet-v2": (
        "Multiplications on paper are not milliseconds at the bedside: measure on the device that will be used. Half "
        "of the maps simply pass, and that costs nothing."
    ),
    "vision-transformer": (
        "Attention came from language: patches take the place of words. It sees how far parts of an image belong "
        "together, but with few medical images convolutions are still hard to beat."
    ),
    "ordered-grades": (
        "Stages and scores, such as grades of retinopathy or arthrosis, have an order. Taking grade 4 for 0 is a "
        "worse mistake than taking it for 3, and neither loss nor measure should treat both alike."
    ),
    "several-labels": (
        "A chest X-ray can show effusion and pneumonia at once, so each finding gets a yes or no of its own, and its "
        "own threshold. Rare findings need weights, and an AUC each."
    ),
    "image-regression": (
        "Regression is explained with bone age: the answer is a number of months, not a class. Judge it by the mean "
        "absolute error in its unit, and by whether the young are made old and the old young."
    ),
    "several-numbers": (
        "Landmarks and measurements are regression with several answers. Tasks that belong together may help each "
        "other when they share the layers below."
    ),
    "ecg": (
        "A convolution does not care whether it slides over two axes or one: signals such as an ECG are images with "
        "one axis and a channel for each lead. Split by patient here too."
    ),
    "ecg-lstm": (
        "Recurrent networks are the classic for sequences: they carry a state from one step to the next. LSTM and GRU "
        "keep it over long times by gates."
    ),
    "u-net": (
        "The network for segmentation in medicine: made for microscope images, it learns from a few dozen cases. Judge "
        "it by Dice: where a structure is small, 98 % of all pixels are right with nothing outlined at all."
    ),
    "u-net-pieces": (
        "There are two ways to segment: to cut images into patches, or to give the whole image at once. Patches "
        "multiply scarce cases and balance the classes; whole images know where in the body they are."
    ),
    "attention-u-net": (
        "Small organs in large images are where a plain U-Net goes astray. Attention also shows what was looked at, "
        "but it is no proof of why an answer was given."
    ),
    "segnet": (
        "The encoder-decoder in its clearest form: pooling loses places, and the decoder has to get them back. "
        "Compare three ways: remembered positions, wires along the side, and learned enlarging."
    ),
    "fcn-8s": (
        "The step from one answer for an image to an answer for each pixel: dense layers become convolutions. It is "
        "taught before U-Net, whose outlines are finer."
    ),
    "yolo": (
        "Detection asks what and where at once. One look at a grid is fast enough for video, such as endoscopy or "
        "ultrasound; predicted boxes are judged by overlap (IoU) and mean average precision."
    ),
    "ssd": (
        "Lesions differ in size a hundredfold, and a coarse map has lost the small ones. Looking on maps of several "
        "sizes is the remedy that later detectors kept."
    ),
    "faster-r-cnn": (
        "The end of a line: R-CNN looked at each proposal by itself, Fast R-CNN shared the maps, Faster R-CNN learned "
        "the proposals too. Two stages are the choice where misses cost more than time."
    ),
    "candidate-patches": (
        "Aid in finding nodules has long worked in two steps: mark everything suspicious, then throw out false marks. "
        "It is judged by FROC: sensitivity against false positives in each scan."
    ),
    "autoencoder": (
        "Learning without labels: what passes through the narrow code is what the images have in common. The codes, "
        "drawn by t-SNE or grouped by k-means, show clusters that nobody named before."
    ),
    "variational-autoencoder": (
        "An ordinary code has holes between the images; this one can be walked through, and neighbours look alike. "
        "Images come out softer than those of a GAN, but training is calm."
    ),
    "srcnn": (
        "Super-resolution is the first example of images in, images out: thick slices or quick scans made finer. Look "
        "also with your eyes, since detail that a network adds was never measured."
    ),
    "sub-pixel": (
        "Enlarging first makes every layer work on pixels that hold nothing new; enlarging last is the usual way now. "
        "Judge by PSNR and SSIM against bicubic enlargement, the plain rival."
    ),
    "denoising": (
        "Low-dose CT and quick MR are noisy, and clean pairs are scarce: so noise is added to good images. Learning "
        "the noise, not the image, is the residual idea once more."
    ),
    "gan": (
        "Two networks in a contest: forger and expert. Made images can fill a small data set or teach anatomy, but "
        "they hold nothing that was not in the training images."
    ),
    "dcgan": (
        "The recipe that made GANs of convolutions train at all: strides in place of poolings, batch normalisation, "
        "leaky ReLU. Look for mode collapse: the same image over and over."
    ),
    "conditional-gan": (
        "Asked for a class, a generator can make what is rare, such as one kind of lesion. Whether that helps a "
        "classifier has to be shown on real images."
    ),
    "cyclegan": (
        "MR to CT, or one scanner's look to another's, without patients who had both. It is famous for inventing or "
        "removing lesions, so its images are no basis for a diagnosis."
    ),
}
"""By the name of the template."""
