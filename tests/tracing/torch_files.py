"""PyTorch programs as people write them, and what PyTorch itself gives at their first backward passes.

Each file of ``tests/tracing/torch_files`` is a whole program that runs for itself, in float64. A :class:`Case` says what it
trains and what its first losses are called. :func:`steps` is the oracle: it runs a program in plain PyTorch and reads, around
each ``backward``, the value of the loss and what the call adds to the gradient of every leaf. Nothing of the package under
test takes part.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import math
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.tracing.differences import HOOK, Reached, alone, insert, line_of, place_of, slope, text_of

FOLDER = Path(__file__).with_suffix("")
"""The folder of the programs."""


@dataclass(frozen=True)
class Case:
    """One program: the losses of its first step, and what each of them trains."""

    path: str
    """The file below :data:`FOLDER`."""
    losses: Mapping[str, tuple[str, ...]]
    """The name of each loss at its ``backward``, in the order of the calls, and the parameters that it reaches.

    A parameter's name is that of the page: qualified as its module qualifies it, with the module's variable in front where
    the losses of the file reach several modules, and where the module is a single layer of ``torch.nn``. The loss of a call that names none is called by its expression.
    """
    optimizer: str
    """The class of the optimizer of the first loss; empty where the file updates by hand."""
    data: tuple[str, ...] = ()
    """Leaves that get a gradient from the first loss and are no parameters."""
    perturb: str = ""
    """The line after which the parameters exist; needed only where no optimizer is made before the first forward pass."""
    rough: str = ""
    """Why differences of the loss are not the gradients, where they are not."""
    refused: str = ""
    """What cannot be derived, where a refusal is right, and why."""
    notes: str = ""
    """What is special about the file."""

    @property
    def name(self) -> str:
        """The case's name: its path without the ending."""
        return self.path.rsplit(".", 1)[0]

    @property
    def loss(self) -> str:
        """The name of the first loss."""
        return next(iter(self.losses))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the first loss reaches."""
        return self.losses[self.loss]


def of(*layers: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the weights and biases of layers: ``of("fc1 fc2")``, and further names after them."""
    names = " ".join(layers).split()
    return (*(f"{layer}.{part}" for layer in names for part in ("weight", "bias")), *also)


def recurrent(name: str, layers: int = 1, both: bool = False) -> tuple[str, ...]:
    """Return the parameters of a recurrent module."""
    ends = [f"l{k}{side}" for k in range(layers) for side in ("", "_reverse")[: 1 + both]]
    return tuple(f"{name}.{part}_{end}" for end in ends for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))


def attention(name: str) -> tuple[str, ...]:
    """Return the parameters of a module of attention."""
    return (f"{name}.in_proj_weight", f"{name}.in_proj_bias", *of(f"{name}.out_proj"))


def transformer_layer(name: str, decoder: bool = False) -> tuple[str, ...]:
    """Return the parameters of a layer of a transformer."""
    further = (*attention(f"{name}.multihead_attn"), *of(f"{name}.norm3")) if decoder else ()
    return (
        *attention(f"{name}.self_attn"),
        *of(*(f"{name}.{k}" for k in ("linear1", "linear2", "norm1", "norm2"))),
        *further,
    )


def within(prefix: str, *names: str) -> tuple[str, ...]:
    """Return names with a prefix."""
    return tuple(f"{prefix}.{name}" for name in names)


FILES: tuple[Case, ...] = (
    Case(
        path="loader_dropout_argparse.py",
        losses={"loss": of("fc1 fc2 fc3")},
        optimizer="SGD",
        notes="main() with argparse and a loader that shuffles; both forms of dropout; the loss is local to train()",
    ),
    Case(
        path="conv_batchnorm_adaptive.py",
        losses={
            "loss": (
                "features.0.weight",
                *of("features.1 features.4 features.5 classifier"),
            )
        },
        optimizer="Adam",
        notes="a Dataset of its own, filled by strided writes; statistics of the batch; in-place ReLU in a Sequential",
    ),
    Case(
        path="batchnorm_frozen.py",
        losses={"loss": of("0.1 1")},
        optimizer="SGD",
        notes="batch norm in evaluation with learned scale and shift; 0.0 is frozen by requires_grad = False",
    ),
    Case(
        path="gpt_tied.py",
        losses={
            "loss": (
                "transformer.wte.weight",
                "transformer.wpe.weight",
                *of(
                    *(
                        f"transformer.h.{k}.{part}"
                        for k in range(2)
                        for part in ("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")
                    ),
                    "transformer.ln_f",
                ),
            )
        },
        optimizer="AdamW",
        notes="transformer.wte.weight is lm_head.weight: one parameter with two names; a causal mask as a buffer",
    ),
    Case(
        path="gan_two_optimizers.py",
        losses={
            "g_loss": (*within("generator", *of("0 1 3")), *within("discriminator", *of("0 2"))),
            "d_loss": within("discriminator", *of("0 2")),
        },
        optimizer="Adam",
        notes="two Sequentials with the same names inside; the loss of the generator reaches the discriminator too, which "
        "its optimizer does not train; the second loss is computed after the first update",
    ),
    Case(
        path="vae_gaussian.py",
        losses={"loss": of("fc1 fc21 fc22 fc3 fc4")},
        optimizer="Adam",
        notes="noise by randn_like of what depends on parameters",
    ),
    Case(
        path="dqn_replay.py",
        losses={"loss": of("layer1 layer2 layer3")},
        optimizer="AdamW",
        rough="the target network moves towards the weights before the first loss, as a constant",
        notes="forward passes under no_grad before the first loss; the target network requires gradients and gets none",
    ),
    Case(
        path="lstm_sequence.py",
        losses={"loss": (*recurrent("lstm", 2), *of("fc"))},
        optimizer="Adam",
    ),
    Case(
        path="manual_update.py",
        losses={"loss": ("a", "b", "c", "d", "w1", "w2")},
        optimizer="",
        perturb="learning_rate = 1e-4",
        notes="leaf tensors in plain variables, updated under no_grad in a loop over a tuple; .grad = None",
    ),
    Case(
        path="strided_writes.py",
        losses={"loss": (*of("inp"), "even", "odd", "missing", *of("out"))},
        optimizer="SGD",
        notes="writes into steps of a table, by a mask and through views; in-place operations; err is changed in place twice",
    ),
    Case(
        path="gru_classifier.py",
        losses={"loss": ("embed.weight", *recurrent("gru", both=True), *of("out"))},
        optimizer="RMSprop",
        notes="sequences of several lengths, one at a time, in a random order",
    ),
    Case(
        path="topk_sort_cdist.py",
        losses={"loss": ("embed.weight", "log_temperature", "trim")},
        optimizer="Adam",
        rough="the median is detached",
        notes="a single layer and loose parameters; what is chosen by topk, sort, max, median and kthvalue",
    ),
    Case(
        path="transformer_encoder.py",
        losses={"loss": (*transformer_layer("transformer_encoder.layers.0"), "embedding.weight", *of("linear"))},
        optimizer="SGD",
        notes="dropout in six places; a table of positions as a buffer; .data in the initialization; a mask of minus infinity",
    ),
    Case(
        path="transformer_decoder.py",
        losses={
            "loss": (
                "pos",
                *of("image_proj decoder.norm lm_head"),
                "tok.weight",
                *(name for k in range(2) for name in transformer_layer(f"decoder.layers.{k}", decoder=True)),
            )
        },
        optimizer="Adam",
        notes="norm_first, GELU, causal and padding masks of floats; ignore_index over transposed logits",
    ),
    Case(
        path="unet_norms.py",
        losses={
            "loss": (
                *(f"{block}.block.{k}.weight" for block in ("inc", "down1", "down2", "conv1", "conv2") for k in (0, 3)),
                *of(*(f"{block}.block.{k}" for block in ("inc", "down1", "down2", "conv1", "conv2") for k in (1, 4))),
                *of("up1 outc"),
            )
        },
        optimizer="AdamW",
        notes="transposed convolution, padding by the difference of sizes, bilinear upsampling, group and instance norm",
    ),
    Case(
        path="lora_adapters.py",
        losses={"loss": tuple(f"{layer}.lora_{k}" for layer in ("up", "down") for k in "AB")},
        optimizer="AdamW",
        notes="frozen layers replaced by setattr; the optimizer gets the values of a dictionary; zero_grad after the step",
    ),
    Case(
        path="triplet_siamese.py",
        losses={
            "loss": within(
                "embedding_net",
                *of("convnet.0 fc.0 fc.2"),
                "convnet.1.weight",
                "fc.1.weight",
            )
        },
        optimizer="Adam",
        notes="one network called three times; where over truth values; a loss as a module",
    ),
    Case(
        path="seq2seq_attention.py",
        losses={
            "loss": (
                *within("encoder1", "embedding.weight", *recurrent("gru")),
                *within("attn_decoder1", "embedding.weight", *of("attn attn_combine out"), *recurrent("gru")),
            )
        },
        optimizer="SGD",
        notes="two modules with like names, which are called encoder and decoder in the functions; states written into rows; "
        "loss = 0; loss += in a loop; teacher forcing by a draw of Python's random",
    ),
    Case(
        path="pinn_oscillator.py",
        losses={"loss": of("fcs.0 fch.0.0 fce")},
        data=("t_boundary", "t_physics"),
        optimizer="Adam",
        refused="a derivative by the inputs stands in the loss, and its derivative by the parameters is wanted",
        notes="autograd.grad with create_graph twice; the inputs get gradients too; fce.bias is reached by the value alone",
    ),
    Case(
        path="lbfgs_closure.py",
        losses={"loss": of("l1 l2")},
        optimizer="LBFGS",
        notes="the loss is in a closure that the optimizer calls many times in its first step; .double() on layers; "
        "a sum over model.parameters() in the loss",
    ),
    Case(
        path="gradient_accumulation.py",
        losses={"loss": of("0 2")},
        optimizer="NAdam",
        notes="four backward passes before a step; the loss is divided on its line; random_split",
    ),
    Case(
        path="clip_schedule_decay.py",
        losses={
            "loss + 0.001 * l2": (
                *(f"blocks.{k}.0.weight" for k in range(3)),
                *of(*(f"blocks.{k}.{part}" for k in range(3) for part in (1, 3)), "head"),
            )
        },
        optimizer="AdamW",
        notes="the loss has no name where it is differentiated; groups of parameters by their number of axes; RMSNorm",
    ),
    Case(
        path="smoothing_weights_ignore.py",
        losses={"loss": ("word_embeddings.weight", *of("conv hidden2tag"))},
        optimizer="Adagrad",
        rough="the row of padding gets no gradient, and the convolution mixes it into its neighbours",
        notes="class weights, label smoothing and ignore_index at once; padding='same'; mT; model.zero_grad()",
    ),
    Case(
        path="logits_pos_weight.py",
        losses={"batch_loss": ("bias", *of("shared.0"), *(f"heads.{k}.weight" for k in range(3)))},
        optimizer="SGD",
        notes="reduction='none' with pos_weight, and a focal factor; hstack of several heads",
    ),
    Case(
        path="two_rates_huber.py",
        losses={"loss": (*of("encoder.layers.0 encoder.layers.2 head"), "log_scale")},
        optimizer="Adam",
        notes="encoder is a variable of its own and a part of model; two learning rates; a bilinear layer of one input twice",
    ),
    Case(
        path="skipgram_negative.py",
        losses={
            "loss": (
                *within("skip_gram", "u_embeddings.weight", "v_embeddings.weight"),
                *within("cbow", "bag.weight", "out.weight"),
            )
        },
        optimizer="SGD",
        notes="two models and one optimizer; one table looked up twice; a bag of embeddings with offsets; loss = loss + …",
    ),
    Case(
        path="containers_of_parameters.py",
        losses={
            "loss": (
                *(f"{part}.{k}" for part in "wb" for k in range(2)),
                "scales.pre",
                "scales.post",
                "acts.prelu.weight",
                *of("gate tail.0 tail.1"),
            )
        },
        optimizer="Adamax",
        notes="ParameterList, ParameterDict, ModuleDict and ModuleList; addmm, einsum and stack",
    ),
    Case(
        path="straight_through.py",
        losses={"total": (*of("enc.0 enc.2 dec"), "vq.embedding.weight")},
        optimizer="Adam",
        rough="the gradient passes the choice of a row as if it were none, by detach",
        notes="the modules are called by their own variables, and gathered in a ModuleDict for the optimizer only",
    ),
    Case(
        path="hooks_watch.py",
        losses={"loss": of("lin1 lin2 lin3")},
        optimizer="SGD",
        notes="forward hooks keep an activation that the loss uses; hooks of tensors and modules that only look; add_module",
    ),
    Case(
        path="amp_disabled.py",
        losses={"loss": of("0 1 3")},
        optimizer="SGD",
        notes="autocast and a scaler that are switched off; the scaler makes the step; the device is chosen",
    ),
    Case(
        path="checkpointed.py",
        losses={
            "loss": of(
                "stem",
                *(f"blocks.{k}.{part}" for k in range(3) for part in ("norm", "fc1", "fc2")),
                *("tail.0", "tail.2", "head"),
            )
        },
        optimizer="Adam",
        notes="the forward pass runs again inside backward, dropout with the same draws",
    ),
    Case(
        path="keyword_inputs.py",
        losses={
            "loss": (
                "encoder.word_embeddings.weight",
                "encoder.token_type_embeddings.weight",
                *of("encoder.query encoder.key encoder.value encoder.LayerNorm pooler classifier"),
            )
        },
        optimizer="AdamW",
        notes="model(**batch) gives an ordered dictionary with attributes, the loss in it; a collate function of its own; the "
        "gradient of encoder.key.bias is zero but for rounding",
    ),
    Case(
        path="dataclass_outputs.py",
        losses={"losses.total": of("layers.0 layers.1 mean log_var")},
        optimizer="RAdam",
        notes="the model returns a dataclass with tensors and methods; the loss is a field of a named tuple",
    ),
    Case(
        path="reinforce_categorical.py",
        losses={"loss": of("affine1 action_head value_head")},
        optimizer="Adam",
        rough="the advantage takes the value as a number",
        notes="six forward passes of one row before the loss; sampled actions; distributions of the library; del of lists",
    ),
    Case(
        path="mixture_density.py",
        losses={"loss": of("z_h.0 z_pi z_sigma z_mu")},
        optimizer="Adam",
        notes="the same loss by torch.distributions beside it, which is printed only",
    ),
    Case(
        path="coupling_flow.py",
        losses={"loss": of(*(f"{part}.{k}.{layer}" for part in "ts" for k in range(4) for layer in (0, 2)))},
        optimizer="Adam",
        notes="masks as a parameter without gradients; log_det -= in a loop; a normal density with a full covariance; "
        "retain_graph",
    ),
    Case(
        path="cosine_contrastive.py",
        losses={"loss": of("backbone.0 backbone.1 projector.0 projector.2")},
        optimizer="AdamW",
        notes="normalize, cosine similarity, picks by masks of truth values; random views of the data",
    ),
    Case(
        path="energy_distance.py",
        losses={"loss": ("loc", "tril", *of("warp"))},
        optimizer="SGD",
        notes="cdist and pdist; the upper half of tril is a parameter that nothing depends on",
    ),
    Case(
        path="graph_convolution.py",
        losses={"loss_train": (*of("gc1"), "sage.lin.weight", "sage.att", "gc2.weight")},
        optimizer="Adam",
        notes="matmul with an adjacency matrix that is filled by indices; index_add_ and scatter_add over edges",
    ),
    Case(
        path="einsum_attention.py",
        losses={
            "loss": (
                "cls",
                "layers.0.0.temperature",
                "layers.0.0.to_q.weight",
                "layers.0.0.to_kv.weight",
                *of("to_patch layers.0.0.norm layers.0.0.to_out layers.0.1.0 layers.0.1.1 layers.0.1.3 head"),
            )
        },
        optimizer="Adam",
        notes="unfold to patches, einsum with spaces, rotary positions, a maximum that is detached and does not matter",
    ),
    Case(
        path="weight_norm_conv.py",
        losses={
            "loss": (
                *(f"network.{k}.conv1.parametrizations.weight.original{j}" for k in range(2) for j in range(2)),
                *(f"network.{k}.conv1.bias" for k in range(2)),
                *of("network.0.downsample linear"),
            )
        },
        optimizer="Adam",
        notes="parametrized weights, which are no parameters; a frozen layer with spectral norm, in evaluation",
    ),
    Case(
        path="functional_dict.py",
        losses={"loss": ("W1", "b1", "W2", "b2", "W3", "b3", "gain")},
        optimizer="",
        perturb="state = adam_init(params)",
        notes="tensors in a dictionary under f-strings; Adam written out under no_grad",
    ),
    Case(
        path="raw_parameters_module.py",
        losses={
            "loss": (
                *within("lstm", "W", "U", "bias"),
                *within("norm", "a_2", "b_2"),
                *within("maxout", "weight", "shift"),
                "temperature",
            )
        },
        optimizer="SGD",
        notes="torch.Tensor(n, m) filled by .data.uniform_; tensordot; the likelihood by an index of two arrays",
    ),
    Case(
        path="train_one_epoch.py",
        losses={"loss": of("1 3.depthwise 3.pointwise 3.squeeze.1 3.squeeze.3 5")},
        optimizer="SGD",
        notes="a Sequential with a block of its own; grouped convolution, squeeze and excitation; the model is an argument",
    ),
    Case(
        path="trainer_class.py",
        losses={
            "self.loss": (
                *(f"{table}_{part}.weight" for table in ("user", "item") for part in ("factors", "bias")),
                *of("mlp.0 mlp.2"),
                "global_bias",
            )
        },
        optimizer="Adam",
        notes="the loss, the output and the loop variable are attributes; a copy of the model is averaged with it",
    ),
    Case(
        path="multitask_heads.py",
        losses={
            "loss": (
                *within("model", *of("trunk.0 trunk.2 heads.category heads.price.0 heads.price.2")),
                "weighting.log_sigma.category",
                "weighting.log_sigma.price",
            )
        },
        optimizer="Adam",
        notes="the loss has parameters of its own; dictionaries of outputs and of losses; total = 0.0; total = total + …",
    ),
    Case(
        path="packed_sequences.py",
        losses={"loss": ("embedding.weight", *recurrent("lstm", 2, both=True), *of("attn fc"))},
        optimizer="Adam",
        notes="packed sequences of several lengths, dropout between the layers, orthogonal initialization",
    ),
    Case(
        path="multihead_attention.py",
        losses={
            "loss": (
                *of("proj norm1 norm2 ff.0 ff.2 out"),
                *attention("self_attn"),
                *attention("pool.attn"),
                "pool.query",
            )
        },
        optimizer="Adam",
        notes="attention with padding, dropout and without weights; the weights of the second are in the loss",
    ),
    Case(
        path="dcgan_three_backwards.py",
        losses={
            **{
                f"errD_{part}": within("netD", *(f"main.{k}.weight" for k in (0, 2, 5)), *of("main.3"))
                for part in ("real", "fake")
            },
            "errG": (
                *within("netG", *(f"main.{k}.weight" for k in (0, 3, 6)), *of("main.1 main.4")),
                *within("netD", *(f"main.{k}.weight" for k in (0, 2, 5)), *of("main.3")),
            ),
        },
        optimizer="Adam",
        notes="two backward passes add up before the first step; label is filled anew in place between them; the gradients "
        "of netD are those of one call each",
    ),
    Case(
        path="wasserstein_penalty.py",
        losses={"D_cost": of("0 2")},
        optimizer="Adam",
        refused="the norm of a derivative by the inputs stands in the loss, and its derivative is wanted",
        notes="the critic makes two steps before the generator's first; requires_grad is switched in the loop; the gradient "
        "of the last bias is zero, for it cancels",
    ),
    Case(
        path="custom_functions.py",
        losses={"loss": of("0 1 2")},
        optimizer="SGD",
        rough="the backward pass of the sign is written by hand, as that of a clipped identity",
        refused="BinarizeFn.backward is not the derivative of its forward pass; that of SwishFn is",
    ),
    Case(
        path="autograd_grad_update.py",
        losses={"loss": ("weights.0", "weights.1", "weights.2")},
        optimizer="",
        perturb="knots = torch.linspace(",
        notes="autograd.grad in place of backward; each step makes a new list of new leaves; no module",
    ),
    Case(
        path="data_update_rnn.py",
        losses={"loss": of("i2h h2o")},
        optimizer="",
        perturb="learning_rate = 0.05",
        notes="p.data.add_(p.grad.data, alpha=…); one-hot letters written by tensor[li][0][k] = 1",
    ),
)


# --- leaves and their names ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """A tensor that requires gradients, where the program keeps it."""

    key: str
    """The path from a variable of the program: ``model.fc1.weight``, ``params.W1``, ``layers.0``."""
    short: str
    """The name within what keeps it: ``fc1.weight``, ``W1``, ``layers.0``; with the variable for a single layer."""
    holder: str
    """The path of the module that it is a parameter of; empty for a tensor of none, and for one of a single layer."""
    tensor: Any = field(repr=False, compare=False)
    others: tuple[str, ...] = ()
    """The other paths within the same module, where parameters are tied."""


DEPTH = 4
"""How many containers and objects deep leaves are looked for."""


def found_in(path: str, short: str, thing: Any, depth: int = DEPTH) -> Iterator[Leaf]:
    """Yield the leaves in a module, tensor, container or object of the program, those that require no gradients too."""
    import torch

    own = type(thing).__module__ == "__main__"
    inside: Iterable[tuple[str, str, Any]] = ()
    if isinstance(thing, torch.nn.Module):
        layer = not own and not any(True for _ in thing.children())
        for name, parameter in thing.named_parameters(remove_duplicate=False):
            yield Leaf(f"{path}.{name}", f"{short}.{name}" if layer else name, "" if layer else path, parameter)
    elif isinstance(thing, torch.Tensor):
        if thing.is_leaf:
            yield Leaf(path, short, "", thing)
        return
    elif isinstance(thing, Mapping):
        inside = [(f"{path}.{k}", k if str(k).isidentifier() else f"{short}.{k}", v) for k, v in thing.items()]
    elif isinstance(thing, list | tuple):
        inside = [(f"{path}.{k}", f"{short}.{k}", v) for k, v in enumerate(thing)]
    if hasattr(thing, "__dict__") and not isinstance(thing, type) and (own or isinstance(thing, types.SimpleNamespace)):
        inside = [*inside, *((f"{path}.{k}", k, v) for k, v in vars(thing).items() if not k.startswith("_"))]
    if depth:
        for place, name, value in inside:
            yield from found_in(place, name, value, depth - 1)


def order(thing: Any) -> tuple[int, int]:
    """Return the place of a variable in the search: modules from the largest, tensors, containers, objects."""
    import torch

    if isinstance(thing, torch.nn.Module):
        return 0, -sum(1 for _ in thing.parameters())
    kinds = (torch.Tensor, Mapping | list | tuple)
    return next((k for k, kind in enumerate(kinds, 1) if isinstance(thing, kind)), len(kinds) + 1), 0


def frames_of(path: Path) -> list[types.FrameType]:
    """Return the frames of a program that are running, the innermost first."""
    frame, found = inspect.currentframe(), []
    while frame is not None:
        if frame.f_code.co_filename == str(path):
            found.append(frame)
        frame = frame.f_back
    return found


def leaves_at(frames: Iterable[types.FrameType]) -> list[Leaf]:
    """Return every leaf that requires gradients and that a variable of the frames reaches, once, from the outermost."""
    found: dict[int, list[Leaf]] = {}
    for frame in reversed(list(frames)):
        for name, thing in sorted(frame.f_locals.items(), key=lambda item: order(item[1])):
            for leaf in () if name.startswith("__") else found_in(name, name, thing):
                if leaf.tensor.requires_grad:
                    found.setdefault(id(leaf.tensor), []).append(leaf)
    return [
        replace(first, others=tuple(dict.fromkeys(o.key for o in more if o.holder == first.holder != "")))
        for first, *more in ([leaves[0], *(o for o in leaves if o.key != leaves[0].key)] for leaves in found.values())
    ]


# --- the oracle ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One loss at its first backward pass."""

    loss: str
    """The name of the loss there, or the expression that is differentiated."""
    line: int
    """The line of the call."""
    value: float
    """The value of the loss."""
    gradients: dict[str, np.ndarray]
    """What the call adds to the gradient of each leaf, by the leaf's path; leaves that it does not reach are left out."""
    values: dict[str, np.ndarray]
    """The leaves themselves at that time."""
    leaves: dict[str, Leaf] = field(repr=False)
    """Where each leaf is kept."""


@dataclass
class Watch:
    """What is seen in one run of a program."""

    path: Path
    last: int | None = None
    """How many backward passes to record before the run is ended; None for all of the first step."""
    ends: bool = True
    """Whether the run is ended as soon as nothing more is recorded."""
    shifts: Mapping[Any, np.ndarray] = field(default_factory=dict)
    """What is added to the leaves, by their place among the optimizers' parameters or, where a line is named, by path."""
    steps: list[Step] = field(default_factory=list)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The place of each parameter: the number of its optimizer, and its number there."""
    optimizers: list[Any] = field(default_factory=list)
    sites: set[tuple[int, int]] = field(default_factory=set)
    """The calls that were made: the number of the code's line and the instruction in it."""
    inside: bool = False
    """Whether a backward pass is under way, which calls others."""
    over: bool = False
    """Whether the first step has ended."""

    def site(self) -> types.FrameType | None:
        """Return the innermost frame of the program at a call to record, None for a call that is not recorded."""
        frames = frames_of(self.path)
        if self.inside or self.over or not frames:
            return None
        place = (frames[0].f_code.co_firstlineno, frames[0].f_lasti)
        if place in self.sites:
            self.finish()
            return None
        self.sites.add(place)
        return frames[0]

    def finish(self) -> None:
        """End the recording, and the run."""
        self.over = True
        if self.ends:
            raise Reached(None)

    def record(
        self, frame: types.FrameType, outputs: list[Any], weights: list[Any], call: Callable[[], Any], inputs: list[Any]
    ) -> Any:
        """Make a call that differentiates, and record what it gives; ``inputs`` are those of ``autograd.grad``."""
        import torch

        leaves = {leaf.key: leaf for leaf in leaves_at(frames_of(self.path))}
        for k, tensor in enumerate(inputs):
            if not any(leaf.tensor is tensor for leaf in leaves.values()):
                leaves[f"input{k}"] = Leaf(f"input{k}", f"input{k}", "", tensor)
        values = {key: array(leaf.tensor) for key, leaf in leaves.items()}
        before = {key: array(leaf.tensor.grad) for key, leaf in leaves.items() if leaf.tensor.grad is not None}
        with torch.no_grad():
            value = sum(float(o if w is None else (o * w).sum()) for o, w in zip(outputs, weights, strict=True))
        self.inside = True
        try:
            result = call()
        finally:
            self.inside = False
        if inputs:
            by_tensor = {id(t): g for t, g in zip(inputs, result, strict=True) if g is not None}
            gradients = {
                key: array(by_tensor[id(leaf.tensor)]) for key, leaf in leaves.items() if id(leaf.tensor) in by_tensor
            }
        else:
            after = {key: array(leaf.tensor.grad) for key, leaf in leaves.items() if leaf.tensor.grad is not None}
            gradients = {key: now - before[key] if key in before else now for key, now in after.items()}
            still = {key for key in before if not gradients[key].any()}
            gradients = {key: found for key, found in gradients.items() if key not in still}
        self.steps.append(
            Step(
                loss=name_at(frame, outputs, self.path),
                line=frame.f_lineno,
                value=value,
                gradients=gradients,
                values={key: values[key] for key in gradients},
                leaves={key: leaves[key] for key in gradients},
            )
        )
        if self.last is not None and len(self.steps) >= self.last:
            self.finish()
        return result

    def made(self, optimizer: Any) -> None:
        """Remember an optimizer's parameters, and shift those that are to be."""
        import torch

        number = len(self.optimizers)
        self.optimizers.append(optimizer)
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        for k, parameter in enumerate(parameters):
            self.places.setdefault(id(parameter), (number, k))
            if (number, k) in self.shifts:
                with torch.no_grad():
                    parameter.add_(torch.as_tensor(self.shifts[number, k], dtype=parameter.dtype))

    def perturb(self) -> None:
        """Shift leaves by their paths, where a line of the program calls for it."""
        import torch

        for leaf in leaves_at(frames_of(self.path)):
            if leaf.key in self.shifts:
                with torch.no_grad():
                    leaf.tensor.add_(torch.as_tensor(self.shifts[leaf.key], dtype=leaf.tensor.dtype))


def array(tensor: Any) -> np.ndarray:
    """Return a copy of a tensor's numbers."""
    tensor = tensor.detach()
    return np.array((tensor.to_dense() if tensor.is_sparse else tensor).cpu().numpy(), dtype=float)


def name_at(frame: types.FrameType, outputs: list[Any], path: Path) -> str:
    """Return the name of what is differentiated at a call: a variable of the frame that is it, else its expression."""
    for name, thing in frame.f_locals.items():
        if len(outputs) == 1 and thing is outputs[0]:
            return name
    lines = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(lines)):
        if isinstance(node, ast.Call) and node.lineno <= frame.f_lineno <= (node.end_lineno or 0):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in ("backward", "grad") and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                return ast.unparse(node.args[0]) if owner.endswith("autograd") else owner
    return ""


def listed(value: Any) -> list[Any]:
    """Return one tensor or several as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


@contextlib.contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """See every call that differentiates and every optimizer that is made, and leave PyTorch as it was."""
    import torch

    places = (
        (torch.Tensor, "backward"),
        (torch.autograd, "backward"),
        (torch.autograd, "grad"),
        (torch.optim.Optimizer, "__init__"),
    )
    kept = [getattr(owner, name) for owner, name in places]

    @functools.wraps(kept[0])
    def method(self: Any, gradient: Any = None, *args: Any, **options: Any) -> Any:
        call = functools.partial(kept[0], self, gradient, *args, **options)
        frame = watch.site()
        return call() if frame is None else watch.record(frame, [self], [gradient], call, [])

    @functools.wraps(kept[1])
    def function(tensors: Any, grad_tensors: Any = None, *args: Any, **options: Any) -> Any:
        call = functools.partial(kept[1], tensors, grad_tensors, *args, **options)
        frame = watch.site()
        if frame is None:
            return call()
        outputs = listed(tensors)
        weights = listed(grad_tensors) if grad_tensors is not None else [None] * len(outputs)
        return watch.record(frame, outputs, weights, call, [])

    @functools.wraps(kept[2])
    def gradient(outputs: Any, inputs: Any, grad_outputs: Any = None, *args: Any, **options: Any) -> Any:
        call = functools.partial(kept[2], outputs, inputs, grad_outputs, *args, **options)
        of, at = listed(outputs), listed(inputs)
        part = options.get("create_graph") or any(o.numel() != 1 for o in of) or not all(t.is_leaf for t in at)
        frame = None if part else watch.site()
        if frame is None:
            return call()
        weights = listed(grad_outputs) if grad_outputs is not None else [None] * len(of)
        return watch.record(frame, of, weights, call, at)

    @functools.wraps(kept[3])
    def made(self: Any, *args: Any, **options: Any) -> None:
        kept[3](self, *args, **options)
        watch.made(self)

    state, dtype, threads = torch.get_rng_state(), torch.get_default_dtype(), torch.get_num_threads()
    graded, modules = torch.is_grad_enabled(), torch.nn.modules.module
    hooks = {k: v.copy() for k, v in vars(modules).items() if k.startswith("_global_") and isinstance(v, dict)}
    patched = (method, function, gradient, made)
    torch.manual_seed(0)
    try:
        for (owner, name), new in zip(places, patched, strict=True):
            setattr(owner, name, new)
        yield
    finally:
        for (owner, name), old in zip(places, kept, strict=True):
            setattr(owner, name, old)
        torch.set_grad_enabled(graded)
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
        for name, table in hooks.items():
            getattr(modules, name).clear()
            getattr(modules, name).update(table)


@functools.cache
def code_of(path: Path, text: str, perturb: str) -> types.CodeType:
    """Return the code of a program's text, with a call after the line that completes its parameters."""
    tree = ast.parse(text)
    if perturb:
        block, statement, _ = place_of(tree, line_of(text, perturb, path))
        insert(block, statement, ast.parse(f"{HOOK}.perturb()").body)
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def execute(case: Case, watch: Watch) -> dict[str, Any]:
    """Run a program under a watch, as ``python FILE`` does; return its variables."""
    with alone(watch.path, watch.path.parent), watched(watch):
        module = types.ModuleType("__main__")
        vars(module).update({"__file__": str(watch.path), HOOK: watch})
        sys.modules["__main__"] = module
        with contextlib.suppress(Reached):
            exec(code_of(watch.path, text_of(watch.path), case.perturb), vars(module))
        return vars(module)


def steps(case: Case, folder: Path = FOLDER, whole: bool = False) -> tuple[Step, ...]:
    """Return what PyTorch gives at the first backward pass of each loss of a program.

    The first step ends where a call of ``backward`` is reached a second time. The program is ended there, unless its whole
    run is asked for. ``autograd.grad`` counts where it differentiates a number by leaves and keeps no graph.
    """
    watch = Watch((folder / case.path).resolve(), ends=not whole)
    execute(case, watch)
    return tuple(watch.steps)


def page_names(found: Iterable[Step]) -> dict[str, str]:
    """Return the name on the page for the path of every leaf: as short as tells them apart, but alike for a module's."""
    leaves = {key: leaf for step in found for key, leaf in step.leaves.items()}
    several = len({leaf.holder for leaf in leaves.values() if leaf.holder}) > 1
    names = {key: leaf.key if several and leaf.holder else leaf.short for key, leaf in leaves.items()}
    counts = Counter(names.values())
    return {key: name if counts[name] == 1 else key for key, name in names.items()}


def gradients(case: Case, folder: Path = FOLDER) -> tuple[dict[str, np.ndarray], ...]:
    """Return the gradients of each loss of the first step by the names on the page."""
    found = steps(case, folder)
    names = page_names(found)
    return tuple({names[key]: gradient for key, gradient in step.gradients.items()} for step in found)


class Program:
    """A case whose first loss is computed many times, with parameters shifted."""

    def __init__(self, case: Case, folder: Path = FOLDER) -> None:
        self.case, self.path = case, (folder / case.path).resolve()
        watch = Watch(self.path, last=1)
        execute(case, watch)
        self.step = watch.steps[0]
        self.places: dict[str, Any] = {
            key: key if case.perturb else watch.places.get(id(leaf.tensor)) for key, leaf in self.step.leaves.items()
        }
        """How each leaf is shifted; None for those that no optimizer has."""

    def at(self, shifts: Mapping[str, np.ndarray]) -> float:
        """Return the first loss with leaves shifted, by their paths."""
        watch = Watch(self.path, last=1, shifts={self.places[key]: by for key, by in shifts.items()})
        execute(self.case, watch)
        return watch.steps[0].value

    def shifted(self) -> list[str]:
        """Return the paths of the leaves that can be shifted."""
        return [key for key in self.step.gradients if self.places[key] is not None]

    def wrong_along(self, directions: Mapping[str, np.ndarray], tolerance: float = 1e-6) -> list[str]:
        """Return a sentence if the gradients disagree with the difference of the loss along a direction of several leaves."""
        length = math.sqrt(sum(float(np.sum(d * d)) for d in directions.values()))
        scale = max(0.1, *(float(np.max(np.abs(self.step.values[key]), initial=0.0)) for key in directions))
        value, error = slope(
            lambda h: self.at({key: h / length * d for key, d in directions.items()}), self.step.value, scale
        )
        actual = sum(float(np.sum(self.step.gradients[key] * d)) for key, d in directions.items()) / length
        size = max(float(np.linalg.norm(self.step.gradients[key])) for key in directions)
        allowed = tolerance * max(abs(value), 1e-3 * size, 1e-6 * abs(self.step.value)) + 2 * error
        if abs(actual - value) <= allowed:
            return []
        return [f"{self.case.path}: {' '.join(directions)}: {actual} instead of {value} ± {error}"]

    def wrong_together(self, seed: int = 0) -> list[str]:
        """Return a sentence if the gradients disagree with the difference along one direction of all leaves at once."""
        rng = np.random.default_rng(seed)
        return self.wrong_along({key: rng.standard_normal(self.step.gradients[key].shape) for key in self.shifted()})

    def wrong_alone(self, entries: int = 1, seed: int = 0) -> list[str]:
        """Return a sentence for each leaf's direction, and for its entries, at which the gradients disagree."""
        found: list[str] = []
        for key in self.shifted():
            rng, gradient = np.random.default_rng([seed, *key.encode()]), self.step.gradients[key]
            directions = [rng.standard_normal(gradient.shape)]
            for flat in rng.permutation(gradient.size)[:entries]:
                directions.append(np.zeros(gradient.shape))
                directions[-1].flat[flat] = 1.0
            found.extend(text for d in directions for text in self.wrong_along({key: d}))
        return found
