"""One tiny instance of every module of ``torch.nn`` that differentiates, and more where options change what it computes.

An :class:`Instance` is written as a person writes it: the call that makes the module, and the inputs. Everything is seeded and
in float64, and each forward pass draws the same random numbers. What is differentiated is a fixed weighted sum of all
entries of all floating outputs. Without PyTorch the import skips.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support import needs
from tests.tracing.differences import Rough, slope

torch: Any = needs.package("torch")
Module: Any = torch.nn.Module

SEED = 20


@dataclass(frozen=True)
class Instance:
    """A module and what it is called with."""

    made: str
    """The call that makes it: ``Conv2d(2, 3, 3, stride=2)``; names are those of ``torch.nn``."""
    given: str
    """The arguments of its forward pass, with commas between."""
    named: str = ""
    """Arguments of its forward pass by name: ``mask=...``."""
    fixed: tuple[int, ...] = ()
    """The floating arguments that are data, by their place: what has no derivative in PyTorch."""
    training: bool = True
    rough: str = ""
    """Why PyTorch's gradient is not the derivative, where it is not."""
    draws: bool = False
    """Whether a forward pass draws random numbers."""

    @property
    def kind(self) -> str:
        """The class, or the function that makes it."""
        return self.made.partition("(")[0]

    @property
    def name(self) -> str:
        """The instance's name, which no other has."""
        return (
            f"{self.made} of {self.given}{self.named and f', {self.named}'}{'' if self.training else ' in evaluation'}"
        )

    def build(self) -> Any:
        """Return the module in float64, with no parameter and no statistic at its initial value."""
        with drawing():
            module = evaluated(self.made)
            if any(isinstance(p, torch.nn.parameter.UninitializedParameter) for p in module.parameters()) or (
                self.kind.startswith("Lazy")
            ):
                arguments, options = self._arguments()
                module(*arguments, **options)
            module.train(self.training)
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.add_(0.2 * torch.randn_like(parameter))
                for name, buffer in module.named_buffers():
                    if name.endswith("running_mean"):
                        buffer.normal_()
                    elif name.endswith("running_var"):
                        buffer.uniform_(0.5, 1.5)
        return module

    def inputs(self) -> tuple[Any, ...]:
        """Return the arguments by place; those that are differentiated require gradients."""
        with drawing():
            arguments, _ = self._arguments()
        for k, argument in enumerate(arguments):
            if isinstance(argument, torch.Tensor) and argument.is_floating_point() and k not in self.fixed:
                argument.requires_grad_()
        return arguments

    def options(self) -> dict[str, Any]:
        """Return the arguments by name, which are data."""
        with drawing():
            return self._arguments()[1]

    def _arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return all arguments, drawn in their order."""
        arguments = evaluated(f"({self.given},)" if self.given else "()")
        leaves = {id(t): t.detach() for t in arguments if isinstance(t, torch.Tensor)}
        return tuple(leaves.get(id(t), t) for t in arguments), evaluated(f"dict({self.named})")

    def scalar(self, module: Any, inputs: tuple[Any, ...], options: Mapping[str, Any] | None = None) -> Any:
        """Return the number that is differentiated, of a forward pass with its random numbers."""
        with drawing(SEED + 1):
            return weighted(module(*inputs, **(self.options() if options is None else options)))


@contextlib.contextmanager
def drawing(seed: int = SEED) -> Iterator[None]:
    """Draw the same random numbers, in float64 and without warnings, and leave the generator as it was."""
    state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_rng_state(state)
            torch.set_default_dtype(dtype)


# --- what the table speaks of -------------------------------------------------------------------------------------------


class Then(Module):
    """A module whose first argument is what another makes of it."""

    def __init__(self, first: Any, second: Any) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Any, *others: Any) -> Any:
        """Call one after the other."""
        return self.second(self.first(x), *others)


class Sequences(Module):
    """A recurrent module on sequences of several lengths."""

    def __init__(self, inner: Any, lengths: list[int]) -> None:
        super().__init__()
        self.inner, self.lengths = inner, lengths

    def forward(self, x: Any) -> Any:
        """Pack, call and pad."""
        rnn = torch.nn.utils.rnn
        packed = rnn.pack_padded_sequence(x, self.lengths, batch_first=True, enforce_sorted=False)
        output, state = self.inner(packed)
        return rnn.pad_packed_sequence(output, batch_first=True)[0], state


def bits(*shape: int) -> Any:
    """Return random zeros and ones."""
    return (torch.rand(*shape) > 0.5).double()


def signs(*shape: int) -> Any:
    """Return random signs."""
    return 2 * bits(*shape) - 1


def labels(count: int, *shape: int) -> Any:
    """Return random integers below a count."""
    return torch.randint(count, shape)


def shares(*shape: int) -> Any:
    """Return random positive numbers that add up to one along the second axis."""
    return torch.softmax(torch.randn(*shape), 1)


def squared_distance(a: Any, b: Any) -> Any:
    """Return a distance of one's own."""
    return ((a - b) ** 2).sum(-1)


def evaluated(text: str) -> Any:
    """Return the value of an expression of the table."""
    names = {**vars(torch.nn), "torch": torch, "nn": torch.nn, "randn": torch.randn, "rand": torch.rand}
    names |= {"tensor": torch.tensor, "parametrizations": torch.nn.utils.parametrizations, "utils": torch.nn.utils}
    names |= {f.__name__: f for f in (Then, Sequences, bits, signs, labels, shares, squared_distance)}
    return eval(text, names)


def floating(output: Any) -> Iterator[Any]:
    """Yield all floating tensors of an output."""
    if isinstance(output, torch.Tensor):
        if output.is_floating_point():
            yield output
    elif isinstance(output, Mapping):
        for part in output.values():
            yield from floating(part)
    elif isinstance(output, tuple | list):
        for part in output:
            yield from floating(part)


def weighted(output: Any) -> Any:
    """Return the sum of all entries of all floating outputs, each weighted by its own number between one half and one."""
    total, count = torch.zeros((), dtype=torch.float64), 0
    for part in floating(output):
        places = torch.arange(count, count + part.numel(), dtype=part.dtype).reshape(part.shape)
        total = total + (part * (0.75 + 0.25 * torch.cos(1 + places))).sum()
        count += part.numel()
    return total


class Weighted(Module):
    """A module that returns the number that is differentiated."""

    def __init__(self, inner: Any, options: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.inner, self.options = inner, dict(options or {})

    def forward(self, *inputs: Any) -> Any:
        """Return the weighted sum of the outputs."""
        return weighted(self.inner(*inputs, **self.options))


# --- the table ----------------------------------------------------------------------------------------------------------


def each(made: str, *given: str, **options: Any) -> Iterator[Instance]:
    """Yield an instance for each class of a text, with as many numbers as its name has axes: ``AvgPool{}d(2)``."""
    for axes, arguments in enumerate(given, 1):
        yield Instance(made.format(axes), arguments, **options)


def unary() -> Iterator[Instance]:
    """Yield activations."""
    smooth = (
        "CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish ReLU ReLU6 SELU SiLU Sigmoid"
    )
    more = "Softplus Softshrink Softsign Tanh Tanhshrink Identity PReLU"
    for kind in f"{smooth} {more}".split():
        yield Instance(f"{kind}()", "2 * randn(3, 4)")
    for made in (
        "CELU(0.5)",
        "ELU(alpha=1.7)",
        "GELU('tanh')",
        "Hardshrink(0.3)",
        "Hardtanh(-0.4, 0.8)",
        "LeakyReLU(0.3)",
        "PReLU(4, init=0.1)",
        "Softplus(beta=2, threshold=1)",
        "Softshrink(0.2)",
        "Threshold(0.1, 20)",
        "GLU(dim=-1)",
        "GLU(dim=1)",
        "Softmax(dim=1)",
        "Softmax(dim=0)",
        "Softmin(dim=1)",
        "LogSoftmax(dim=1)",
    ):
        yield Instance(made, "randn(3, 4)")
    for made in ("ReLU(inplace=True)", "SiLU(inplace=True)", "Hardswish(inplace=True)"):
        yield Instance(f"Sequential(Linear(4, 2), {made})", "randn(3, 4)")
    yield Instance("Softmax2d()", "randn(2, 3, 2, 2)")
    yield Instance("RReLU()", "randn(3, 4)", draws=True)
    yield Instance("RReLU(0.1, 0.4)", "randn(3, 4)", training=False)


def losses() -> Iterator[Instance]:
    """Yield losses."""
    for kind in ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"]:
        for options in ("", "reduction='sum'", "reduction='none'"):
            yield Instance(f"{kind}({options})", "randn(3, 4), randn(3, 4)")
    yield Instance("SmoothL1Loss(beta=0.4)", "randn(3, 4), randn(3, 4)")
    yield Instance("HuberLoss(delta=0.4)", "randn(3, 4), randn(3, 4)")
    for options in ("", "reduction='sum'", "weight=tensor([0.5, 2., 1., 3.])", "ignore_index=1"):
        yield Instance(f"NLLLoss({options})", "randn(5, 4), labels(4, 5)")
        yield Instance(f"CrossEntropyLoss({options})", "randn(5, 4), labels(4, 5)")
    yield Instance("NLLLoss()", "randn(2, 3, 2, 2), labels(3, 2, 2, 2)")
    yield Instance("NLLLoss2d()", "randn(2, 3, 2, 2), labels(3, 2, 2, 2)")
    yield Instance("CrossEntropyLoss(label_smoothing=0.1)", "randn(5, 4), labels(4, 5)")
    yield Instance(
        "CrossEntropyLoss(weight=tensor([0.5, 2., 1., 3.]), label_smoothing=0.2, ignore_index=0)",
        "randn(6, 4), labels(4, 6)",
    )
    yield Instance("CrossEntropyLoss()", "randn(5, 4), shares(5, 4)")
    yield Instance("CrossEntropyLoss(reduction='none')", "randn(2, 3, 4), labels(3, 2, 4)")
    yield Instance("CrossEntropyLoss()", "randn(4), tensor(2)")
    yield Instance("LinearCrossEntropyLoss(4, 3)", "randn(5, 4), labels(3, 5)")
    yield Instance("LinearCrossEntropyLoss(4, 3, bias=True, label_smoothing=0.1)", "randn(5, 4), labels(3, 5)")
    for options in ("", "weight=tensor([0.5, 2., 1.])", "reduction='sum'"):
        yield Instance(f"BCELoss({options})", "rand(4, 3), bits(4, 3)", fixed=(1,))
        yield Instance(f"BCEWithLogitsLoss({options})", "randn(4, 3), rand(4, 3)")
    yield Instance("BCEWithLogitsLoss(pos_weight=tensor([0.5, 2., 3.]))", "randn(4, 3), bits(4, 3)")
    yield Instance("KLDivLoss(reduction='batchmean')", "randn(3, 4), shares(3, 4)")
    yield Instance("KLDivLoss(log_target=True, reduction='sum')", "randn(3, 4), randn(3, 4)")
    yield Instance("PoissonNLLLoss()", "randn(3, 4), rand(3, 4)", fixed=(1,))
    yield Instance("PoissonNLLLoss(log_input=False, full=True)", "rand(3, 4) + 0.1, 2 + 3 * rand(3, 4)", fixed=(1,))
    yield Instance("GaussianNLLLoss()", "randn(3, 4), randn(3, 4), rand(3, 4) + 0.1")
    yield Instance("GaussianNLLLoss(full=True)", "randn(3, 4), randn(3, 4), rand(3, 1) + 0.1")
    yield Instance("HingeEmbeddingLoss()", "rand(3, 4), signs(3, 4)", fixed=(1,))
    yield Instance("HingeEmbeddingLoss(margin=0.5, reduction='sum')", "rand(3, 4), signs(3, 4)", fixed=(1,))
    yield Instance("SoftMarginLoss()", "randn(3, 4), signs(3, 4)", fixed=(1,))
    yield Instance("MarginRankingLoss(margin=0.3)", "randn(5), randn(5), signs(5)", fixed=(2,))
    yield Instance("CosineEmbeddingLoss(margin=0.1)", "randn(4, 3), randn(4, 3), signs(4)", fixed=(2,))
    yield Instance("MultiLabelMarginLoss()", "randn(2, 4), tensor([[3, 0, -1, 1], [2, -1, 0, 1]])")
    yield Instance("MultiLabelSoftMarginLoss()", "randn(3, 4), bits(3, 4)", fixed=(1,))
    yield Instance("MultiLabelSoftMarginLoss(weight=tensor([1., 2., 0.5, 1.]))", "randn(3, 4), bits(3, 4)", fixed=(1,))
    yield Instance("MultiMarginLoss()", "randn(3, 4), labels(4, 3)")
    yield Instance("MultiMarginLoss(p=2, margin=0.7, weight=tensor([1., 2., 0.5, 1.]))", "randn(3, 4), labels(4, 3)")
    for options in ("", "margin=0.5, p=1, swap=True", "reduction='none'"):
        yield Instance(f"TripletMarginLoss({options})", "randn(4, 3), randn(4, 3), randn(4, 3)")
    yield Instance(
        "TripletMarginWithDistanceLoss(distance_function=squared_distance, margin=2.0)",
        "randn(4, 3), randn(4, 3), randn(4, 3)",
    )
    yield Instance("TripletMarginWithDistanceLoss(swap=True)", "randn(4, 3), randn(4, 3), randn(4, 3)")
    sequences = "randn(5, 2, 4), tensor([[1, 2, 2], [3, 1, 0]]), tensor([5, 4]), tensor([3, 2])"
    yield Instance("Then(LogSoftmax(-1), CTCLoss())", sequences)
    yield Instance(
        "Then(LogSoftmax(-1), CTCLoss(blank=3, reduction='sum', zero_infinity=True))",
        sequences.replace("3, 1", "0, 1").replace("1, 0]", "1, 2]"),
    )
    yield Instance(
        "CTCLoss()",
        sequences.replace("randn(5, 2, 4)", "randn(5, 2, 4).log_softmax(-1)"),
        rough="PyTorch's gradient is that of the logits, and takes its input for their log_softmax",
    )
    yield Instance("AdaptiveLogSoftmaxWithLoss(4, 7, cutoffs=[2, 4], div_value=2.0)", "randn(8, 4), labels(7, 8)")
    yield Instance("AdaptiveLogSoftmaxWithLoss(4, 6, [3], head_bias=True)", "randn(6, 4), labels(6, 6)")


def convolutions() -> Iterator[Instance]:
    """Yield linear modules and convolutions."""
    yield Instance("Linear(4, 3)", "randn(2, 4)")
    yield Instance("Linear(4, 3, bias=False)", "randn(2, 3, 4)")
    yield Instance("Bilinear(2, 3, 4)", "randn(5, 2), randn(5, 3)")
    yield Instance("Bilinear(2, 3, 2, bias=False)", "randn(2, 2, 2), randn(2, 2, 3)")
    images = ("randn(2, 4, 7)", "randn(2, 4, 5, 5)", "randn(1, 4, 3, 4, 3)")
    for options in (
        "4, 2, 3",
        "4, 2, 2, stride=2, bias=False",
        "4, 2, 3, padding=2, dilation=2",
        "4, 4, 2, groups=2, padding='same'",
        "4, 2, 2, padding=1, padding_mode='circular'",
        "4, 2, 2, padding=1, padding_mode='reflect'",
        "4, 2, 2, padding=1, padding_mode='replicate'",
    ):
        yield from each(f"Conv{{}}d({options})", *images)
    yield Instance("Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(0, 1))", "randn(2, 2, 4, 5)")
    yield Instance("Conv2d(2, 3, 2)", "randn(2, 4, 5)")
    small = ("randn(2, 4, 3)", "randn(2, 4, 2, 3)", "randn(1, 4, 2, 2, 2)")
    for options in (
        "4, 2, 3",
        "4, 2, 3, stride=2, padding=1, output_padding=1",
        "4, 2, 2, dilation=2, groups=2, bias=False",
    ):
        yield from each(f"ConvTranspose{{}}d({options})", *small)
    yield from each("LazyConv{}d(2, 2)", *images)
    yield from each("LazyConvTranspose{}d(2, 2)", *small)
    yield Instance("LazyLinear(3)", "randn(2, 4)")
    yield Instance("Fold((3, 4), 2)", "randn(2, 8, 6)")
    yield Instance("Fold((4, 4), 2, dilation=2, padding=1, stride=2)", "randn(1, 8, 4)")
    yield Instance("Unfold(2)", "randn(2, 2, 3, 4)")
    yield Instance("Unfold((2, 3), dilation=(1, 2), padding=1, stride=2)", "randn(1, 2, 5, 5)")


def pooling() -> Iterator[Instance]:
    """Yield pooling, padding and what changes sizes."""
    images = ("randn(2, 2, 7)", "randn(2, 2, 5, 6)", "randn(1, 2, 4, 5, 4)")
    for options in (
        "2",
        "3, stride=1, padding=1",
        "2, ceil_mode=True",
        "3, stride=2, padding=1, count_include_pad=False",
    ):
        yield from each(f"AvgPool{{}}d({options})", *images)
    yield Instance("AvgPool2d(2, divisor_override=3)", images[1])
    for options in ("2", "3, stride=1, padding=1", "2, dilation=2", "2, ceil_mode=True", "2, return_indices=True"):
        yield from each(f"MaxPool{{}}d({options})", *images)
    for kind in ("AdaptiveAvgPool{}d", "AdaptiveMaxPool{}d"):
        for options in ("1", "3"):
            yield from each(f"{kind}({options})", *images)
    yield Instance("AdaptiveAvgPool2d((None, 4))", images[1])
    yield Instance("AdaptiveMaxPool2d((2, 4), return_indices=True)", images[1])
    yield from each("LPPool{}d(2, 2)", *(i.replace("randn", "rand") for i in images))
    yield from each("LPPool{}d(3, 2, stride=1)", *(i.replace("randn", "rand") for i in images))
    for axes, image in ((2, images[1]), (3, images[2])):
        yield Instance(f"FractionalMaxPool{axes}d(2, output_size=2)", image, draws=True)
        yield Instance(f"FractionalMaxPool{axes}d(2, output_ratio=0.6, return_indices=True)", image, draws=True)
    for axes, image in enumerate(("randn(2, 2, 6)", "randn(2, 2, 4, 6)", "randn(1, 2, 2, 4, 2)"), 1):
        yield Instance(f"MaxUnpool{axes}d(2)", f"*MaxPool{axes}d(2, return_indices=True)({image})")
    yield Instance(
        "MaxUnpool2d(3, stride=2)",
        "*MaxPool2d(3, stride=2, return_indices=True)(randn(1, 2, 5, 5))",
        rough="of two windows that chose one place only one is written, both get its gradient",
    )
    for kind in (
        "CircularPad{}d(1)",
        "ConstantPad{}d(1, 3.5)",
        "ReflectionPad{}d(1)",
        "ReplicationPad{}d(2)",
        "ZeroPad{}d(1)",
    ):
        yield from each(kind, "randn(2, 2, 3)", "randn(2, 2, 3, 2)", "randn(1, 2, 2, 3, 2)")
    yield Instance("ZeroPad2d((1, 0, 2, -1))", "randn(2, 2, 3, 2)")
    yield Instance("ReflectionPad2d((1, 2, 0, 1))", "randn(2, 2, 3, 3)")
    yield Instance("ConstantPad1d((2, -1), 0.5)", "randn(2, 2, 3)")
    yield Instance("PixelShuffle(2)", "randn(2, 8, 2, 3)")
    yield Instance("PixelUnshuffle(2)", "randn(2, 2, 4, 6)")
    yield Instance("ChannelShuffle(2)", "randn(2, 6, 2, 2)")
    yield Instance("Flatten()", "randn(2, 3, 2)")
    yield Instance("Flatten(0, 1)", "randn(2, 3, 2)")
    yield Instance("Unflatten(1, (2, 3))", "randn(2, 6, 2)")
    for kind, image in (
        ("linear", "randn(2, 2, 4)"),
        ("bilinear", "randn(2, 2, 3, 4)"),
        ("trilinear", "randn(1, 2, 2, 3, 2)"),
    ):
        yield Instance(f"Upsample(scale_factor=2, mode={kind!r})", image)
        yield Instance(f"Upsample(scale_factor=1.5, mode={kind!r}, align_corners=True)", image)
        yield Instance("Upsample(scale_factor=2)", image)
    yield Instance("Upsample(size=(5, 7), mode='bicubic')", "randn(2, 2, 3, 4)")
    yield Instance("Upsample(size=5, mode='nearest-exact')", "randn(2, 2, 3, 4)")
    yield Instance("UpsamplingBilinear2d(scale_factor=2)", "randn(2, 2, 3, 4)")
    yield Instance("UpsamplingNearest2d(scale_factor=2)", "randn(2, 2, 3, 4)")
    yield Instance("CosineSimilarity(dim=1)", "randn(4, 3), randn(4, 3)")
    yield Instance("CosineSimilarity(dim=-1, eps=0.1)", "randn(2, 4, 3), randn(2, 4, 3)")
    for options in ("", "p=1", "p=3, keepdim=True"):
        yield Instance(f"PairwiseDistance({options})", "randn(4, 3), randn(4, 3)")


def normalizations() -> Iterator[Instance]:
    """Yield normalizations, in training and in evaluation, and dropouts."""
    images = ("randn(3, 4, 3)", "randn(3, 4, 2, 3)", "randn(2, 4, 2, 2, 2)")
    for training in (True, False):
        for options in ("4", "4, affine=False", "4, eps=0.1, momentum=None"):
            yield from each(f"BatchNorm{{}}d({options})", *images, training=training)
        for options in ("4", "4, affine=True", "4, affine=True, track_running_stats=True"):
            yield from each(f"InstanceNorm{{}}d({options})", *images, training=training)
        yield from each("LazyBatchNorm{}d()", *images, training=training)
        yield from each("LazyInstanceNorm{}d(affine=True)", *images, training=training)
    yield Instance("BatchNorm1d(4)", "randn(5, 4)")
    yield Instance("BatchNorm1d(4, track_running_stats=False)", "randn(5, 4)", training=False)
    yield Instance("SyncBatchNorm(4)", "randn(3, 4, 2)", training=False)
    yield Instance("LayerNorm(4)", "randn(3, 4)")
    yield Instance("LayerNorm((3, 4), elementwise_affine=False, eps=0.1)", "randn(2, 3, 4)")
    yield Instance("LayerNorm(4, bias=False)", "randn(2, 3, 4)")
    yield Instance("RMSNorm(4)", "randn(3, 4)")
    yield Instance("RMSNorm((3, 4), eps=0.1, elementwise_affine=False)", "randn(2, 3, 4)")
    yield Instance("GroupNorm(2, 4)", "randn(2, 4, 3)")
    yield Instance("GroupNorm(1, 4)", "randn(2, 4, 2, 2)")
    yield Instance("GroupNorm(4, 4, affine=False)", "randn(2, 4, 3)")
    yield Instance("LocalResponseNorm(3)", "randn(2, 5, 3)")
    yield Instance("LocalResponseNorm(2, alpha=0.3, beta=0.5, k=2.0)", "randn(2, 5, 2, 2)")
    for options in ("3", "3, alpha=0.3"):
        yield Instance(
            f"CrossMapLRN2d({options})", "randn(2, 5, 2, 2)", rough="PyTorch's own backward pass is not the derivative"
        )
    for axes, image in enumerate(images, 1):
        yield Instance(f"Dropout{axes}d(0.4)", image, draws=True)
    for made in ("Dropout()", "Dropout(0.3)", "AlphaDropout(0.4)", "FeatureAlphaDropout(0.4)"):
        yield Instance(made, "randn(3, 4, 2)", draws=True)
        yield Instance(made, "randn(3, 4, 2)", training=False)
    yield Instance("Sequential(Linear(3, 4), Dropout(0.3, inplace=True))", "randn(3, 3)", draws=True)


def recurrent() -> Iterator[Instance]:
    """Yield recurrent modules and their cells."""
    for kind in ("RNN", "GRU", "LSTM"):
        for options in (
            "2, 3",
            "2, 3, num_layers=2, batch_first=True",
            "2, 3, bidirectional=True",
            "2, 3, bias=False, num_layers=2, bidirectional=True",
        ):
            yield Instance(f"{kind}({options})", "randn(2, 3, 2)")
        yield Instance(f"{kind}(2, 3)", "randn(4, 2)")
        yield Instance(f"{kind}(2, 3, num_layers=2, dropout=0.4)", "randn(2, 3, 2)", draws=True)
        yield Instance(f"{kind}Cell(2, 3)", "randn(4, 2)")
        yield Instance(f"{kind}Cell(2, 3, bias=False)", "randn(4, 2)")
        yield Instance(f"Sequences({kind}(2, 3, batch_first=True), [2, 4, 1])", "randn(3, 4, 2)")
    yield Instance("RNN(2, 3, nonlinearity='relu')", "randn(2, 3, 2), randn(1, 3, 3)")
    yield Instance("RNNCell(2, 3, nonlinearity='relu')", "randn(4, 2), randn(4, 3)")
    yield Instance("GRU(2, 3)", "randn(2, 3, 2), randn(1, 3, 3)")
    yield Instance("GRUCell(2, 3)", "randn(4, 2), randn(4, 3)")
    yield Instance("LSTM(2, 3, proj_size=2)", "randn(2, 3, 2)")
    yield Instance("LSTM(2, 3)", "randn(2, 3, 2)", named="hx=(randn(1, 3, 3), randn(1, 3, 3))")
    yield Instance("LSTMCell(2, 3)", "randn(4, 2)", named="hx=(randn(4, 3), randn(4, 3))")


def embeddings() -> Iterator[Instance]:
    """Yield tables that are looked up."""
    yield Instance("Embedding(5, 3)", "labels(5, 2, 4)")
    yield Instance("Embedding(5, 3, sparse=True)", "labels(5, 2, 4)")
    yield Instance("Embedding(5, 3, padding_idx=1)", "tensor([0, 1, 4])", rough="the row of padding gets no gradient")
    yield Instance(
        "Embedding(5, 3, scale_grad_by_freq=True)",
        "tensor([0, 1, 1])",
        rough="the gradient is divided by how often a row is looked up",
    )
    yield Instance(
        "Embedding(5, 3, max_norm=0.5)", "tensor([0, 3])", rough="long rows are shortened in the table, as constants"
    )
    for mode in ("sum", "mean", "max"):
        yield Instance(f"EmbeddingBag(5, 3, mode={mode!r})", "labels(5, 2, 4)")
        yield Instance(f"EmbeddingBag(5, 3, mode={mode!r})", "labels(5, 6), tensor([0, 2, 3])")
    yield Instance("EmbeddingBag(5, 3, mode='sum')", "labels(5, 2, 4)", named="per_sample_weights=rand(2, 4)")
    yield Instance("EmbeddingBag(5, 3, include_last_offset=True)", "labels(5, 6), tensor([0, 2, 6])")


def transformers() -> Iterator[Instance]:
    """Yield attention and what is built of it."""
    causal, hidden = "torch.triu(torch.ones(3, 3), 1).bool()", "tensor([[False, False, True], [False, False, False]])"
    same = "*[randn(2, 3, 4)] * 3"
    yield Instance("MultiheadAttention(4, 2, batch_first=True)", "randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 4)")
    yield Instance("MultiheadAttention(4, 2, batch_first=True)", same, named=f"attn_mask={causal}, need_weights=False")
    yield Instance("MultiheadAttention(4, 2, batch_first=True)", same, named=f"key_padding_mask={hidden}")
    yield Instance(
        "MultiheadAttention(4, 1, bias=False)",
        "randn(2, 3, 4), randn(2, 3, 4), randn(2, 3, 4)",
        named="average_attn_weights=False",
    )
    yield Instance(
        "MultiheadAttention(4, 2, kdim=3, vdim=2, add_bias_kv=True)", "randn(2, 3, 4), randn(5, 3, 3), randn(5, 3, 2)"
    )
    yield Instance(
        "MultiheadAttention(4, 2, dropout=0.3, add_zero_attn=True)",
        "randn(2, 3, 4), randn(2, 3, 4), randn(2, 3, 4)",
        draws=True,
    )
    for options in ("", ", norm_first=True", ", activation='gelu', bias=False"):
        made = f"4, 2, dim_feedforward=5, dropout=0.0, batch_first=True{options}"
        yield Instance(f"TransformerEncoderLayer({made})", "randn(2, 3, 4)")
        yield Instance(f"TransformerDecoderLayer({made})", "randn(2, 3, 4), randn(2, 2, 4)")
    layer = "4, 2, 5, dropout=0.3"
    yield Instance(f"TransformerEncoderLayer({layer})", "randn(3, 2, 4)", draws=True)
    yield Instance(
        f"TransformerEncoder(TransformerEncoderLayer({layer}, batch_first=True), 2, norm=LayerNorm(4))",
        "randn(2, 3, 4)",
        draws=True,
    )
    yield Instance(
        "TransformerEncoder(TransformerEncoderLayer(4, 2, 5, dropout=0.0, batch_first=True), 2)",
        "randn(2, 3, 4)",
        named=f"mask={causal}, src_key_padding_mask={hidden}",
    )
    yield Instance(f"TransformerEncoder(TransformerEncoderLayer({layer}), 1)", "randn(3, 2, 4)", training=False)
    yield Instance(
        f"TransformerDecoder(TransformerDecoderLayer({layer}), 2)", "randn(3, 2, 4), randn(2, 2, 4)", draws=True
    )
    yield Instance(
        "TransformerDecoder(TransformerDecoderLayer(4, 2, 5, dropout=0.0, batch_first=True), 1, LayerNorm(4))",
        "randn(2, 3, 4), randn(2, 2, 4)",
        named=f"tgt_mask={causal}",
    )
    yield Instance("Transformer(4, 2, 1, 1, 5, dropout=0.0, batch_first=True)", "randn(2, 3, 4), randn(2, 2, 4)")
    yield Instance("Transformer(4, 2, 1, 1, 5)", "randn(3, 2, 4), randn(2, 2, 4)", draws=True)


def parametrized() -> Iterator[Instance]:
    """Yield modules whose weight is made of others, and a chain of modules."""
    yield Instance("Sequential(Linear(3, 4), Tanh(), Linear(4, 2))", "randn(2, 3)")
    yield Instance("parametrizations.weight_norm(Linear(3, 2))", "randn(4, 3)")
    yield Instance("parametrizations.weight_norm(Conv2d(2, 3, 2), dim=None)", "randn(1, 2, 3, 3)")
    yield Instance("parametrizations.orthogonal(Linear(3, 3))", "randn(4, 3)")
    yield Instance("parametrizations.orthogonal(Linear(4, 2), orthogonal_map='householder')", "randn(4, 4)")
    yield Instance("parametrizations.spectral_norm(Linear(3, 2))", "randn(4, 3)", training=False)
    yield Instance(
        "parametrizations.spectral_norm(Linear(3, 2))",
        "randn(4, 3)",
        rough="the power iteration moves its vectors with the weight, as constants",
    )
    yield Instance("utils.weight_norm(Linear(3, 2))", "randn(4, 3)")
    yield Instance("utils.spectral_norm(Linear(3, 2))", "randn(4, 3)", training=False)


INSTANCES: tuple[Instance, ...] = tuple(
    instance
    for part in (
        unary,
        losses,
        convolutions,
        pooling,
        normalizations,
        recurrent,
        embeddings,
        transformers,
        parametrized,
    )
    for instance in part()
)

WITHOUT = {
    "Module": "the base of all",
    "Container": "the old name of the base of all",
    "RNNBase": "the base of RNN, GRU and LSTM",
    "RNNCellBase": "the base of the cells",
    "ModuleList": "holds modules and has no forward pass",
    "ModuleDict": "holds modules and has no forward pass",
    "ParameterList": "holds parameters and has no forward pass",
    "ParameterDict": "holds parameters and has no forward pass",
    "DataParallel": "spreads another module over several devices",
}
"""The module classes of ``torch.nn`` without an instance, and why."""


# --- gradients and differences ------------------------------------------------------------------------------------------


def tensors(module: Any, inputs: tuple[Any, ...]) -> dict[str, Any]:
    """Return what is differentiated by: the parameters by their names, and the floating inputs as ``input0``, ``input1``, …

    An input that is given twice has the first of its names.
    """
    found = dict(module.named_parameters())
    for k, argument in enumerate(inputs):
        if (
            isinstance(argument, torch.Tensor)
            and argument.requires_grad
            and all(t is not argument for t in found.values())
        ):
            found[f"input{k}"] = argument
    return found


def gradients(instance: Instance) -> tuple[float, dict[str, np.ndarray]]:
    """Return the number and PyTorch's gradients."""
    module, inputs = instance.build(), instance.inputs()
    by = tensors(module, inputs)
    number = instance.scalar(module, inputs)
    number.backward()
    dense = {k: t.grad if t.grad is None or not t.grad.is_sparse else t.grad.to_dense() for k, t in by.items()}
    return float(number.detach()), {
        k: np.zeros(tuple(by[k].shape)) if g is None else g.detach().numpy().copy() for k, g in dense.items()
    }


def at(instance: Instance, shifts: Mapping[str, np.ndarray]) -> float:
    """Return the number with shifted parameters and inputs, of a module that is made anew."""
    module, inputs = instance.build(), instance.inputs()
    by = tensors(module, inputs)
    with torch.no_grad():
        for key, shift in shifts.items():
            by[key].add_(torch.as_tensor(shift))
    return float(instance.scalar(module, inputs).detach())


def wrong(instance: Instance, alone: bool = False, seed: int = 0) -> list[str]:
    """Return a sentence for each direction along which PyTorch's gradient is not the difference.

    The direction moves all parameters and inputs at once or, on demand, each alone.
    """
    number, found = gradients(instance)
    groups = [[key] for key in found] if alone else [list(found)]
    sentences = []
    for keys in groups:
        rng = np.random.default_rng([seed, *" ".join(keys).encode()])
        direction = {key: rng.standard_normal(found[key].shape) for key in keys}
        length = math.sqrt(sum(float(np.sum(d * d)) for d in direction.values()))
        actual = sum(float(np.sum(found[key] * d)) for key, d in direction.items()) / length
        try:
            value, error = slope(
                lambda h, d=direction, n=length: at(instance, {k: h / n * v for k, v in d.items()}),  # type: ignore[misc]
                number,
                1.0,
            )
        except Rough as rough:
            sentences.append(f"{instance.name}: {' '.join(keys)}: {rough}")
            continue
        size = max(float(np.linalg.norm(found[key])) for key in keys)
        if not abs(actual - value) <= 1e-6 * max(abs(value), 1e-3 * size, 1e-6 * abs(number)) + 2 * error:
            sentences.append(f"{instance.name}: {' '.join(keys)}: {actual} instead of {value} ± {error}")
    return sentences
