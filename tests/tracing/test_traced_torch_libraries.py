"""Models of real libraries, built small and without downloads, are traced; what is derived is compared with autograd."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symback as sb
from tests.support import needs

torch = needs.package("torch")

os.environ.setdefault("HF_HUB_OFFLINE", "1")

Model = Callable[[Any], tuple[Any, Callable[[], Any]]]
"""Given the imported package: the module, and a function without arguments whose result is the loss, or has it."""


def images(*shape: int) -> Any:
    """Return a batch of images of random numbers."""
    return torch.randn(shape)


def classified(module: Any, x: Any, classes: int) -> tuple[Any, Callable[[], Any]]:
    """Return a module and its cross entropy on a batch."""
    wanted = torch.arange(len(x)) % classes
    return module, lambda: torch.nn.functional.cross_entropy(module(x), wanted)


def labelled(module: Any, length: int, words: int, **more: Any) -> tuple[Any, Callable[[], Any]]:
    """Return a language model and what it gives with labels: an object with its loss."""
    ids = torch.randint(1, words, (2, length))
    mask = torch.ones_like(ids)
    mask[1, -2:] = 0
    return module, lambda: module(input_ids=ids, attention_mask=mask, labels=more.get("labels", ids))


def resnet18(package: Any) -> tuple[Any, Callable[[], Any]]:
    """A residual network with statistics of the batch."""
    return classified(package.resnet18(num_classes=4), images(2, 3, 32, 32), 4)


def vision_transformer(package: Any) -> tuple[Any, Callable[[], Any]]:
    """A transformer over patches."""
    sizes = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 32}
    model = package.VisionTransformer(image_size=16, patch_size=8, num_classes=3, dropout=0.1, **sizes)
    torch.nn.init.normal_(model.heads.head.weight)
    return classified(model, images(2, 3, 16, 16), 3)


def swin(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Shifted windows with tables of relative positions."""
    model = package.SwinTransformer([2, 2], 8, [2, 2], [1, 2], [2, 2], stochastic_depth_prob=0.1, num_classes=3)
    return classified(model, images(2, 3, 16, 16), 3)


def mobilenet(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Convolutions by groups, hard activations, squeeze and excitation."""
    return classified(package.mobilenet_v3_small(num_classes=3, width_mult=0.25), images(2, 3, 32, 32), 3)


def gpt2(package: Any) -> tuple[Any, Callable[[], Any]]:
    """A language model with tied weights and dropout; its output is an object with fields."""
    config = package.GPT2Config(vocab_size=17, n_positions=8, n_embd=16, n_layer=2, n_head=2)
    return labelled(package.GPT2LMHeadModel(config), 6, 17)


def gpt2_in_64_bits(package: Any) -> tuple[Any, Callable[[], Any]]:
    """The same with a loss of one's own, and with plain attention."""
    sizes = {"vocab_size": 17, "n_positions": 8, "n_embd": 16, "n_layer": 2, "n_head": 2}
    net = package.GPT2LMHeadModel(package.GPT2Config(**sizes, attn_implementation="eager"))
    ids = torch.randint(17, (2, 7))
    loss = torch.nn.functional.cross_entropy
    return net, lambda: loss(net(input_ids=ids[:, :-1]).logits.reshape(-1, 17), ids[:, 1:].reshape(-1))


def bert(package: Any) -> tuple[Any, Callable[[], Any]]:
    """An encoder with a pooler and a head for classes."""
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = package.BertConfig(vocab_size=17, max_position_embeddings=8, num_labels=3, **sizes)
    return labelled(package.BertForSequenceClassification(config), 6, 17, labels=torch.tensor([0, 2]))


def llama(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Rotary positions, root mean square norms, grouped queries and gated layers."""
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
    config = package.LlamaConfig(vocab_size=17, num_key_value_heads=2, max_position_embeddings=8, **sizes)
    return labelled(package.LlamaForCausalLM(config), 6, 17)


def t5(package: Any) -> tuple[Any, Callable[[], Any]]:
    """An encoder and a decoder with buckets of relative positions."""
    config = package.T5Config(vocab_size=17, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    config.decoder_start_token_id = 0
    return labelled(package.T5ForConditionalGeneration(config), 6, 17)


def convnext(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Convolutions by channels, norms over channels, scales of layers, paths that are dropped."""
    sizes = {"depths": (1, 1, 1, 1), "dims": (8, 8, 12, 16)}
    return classified(package.ConvNeXt(num_classes=3, drop_path_rate=0.1, **sizes), images(2, 3, 32, 32), 3)


def mixer(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Layers over patches and over channels in turn."""
    model = package.MlpMixer(num_classes=3, img_size=16, patch_size=8, num_blocks=2, embed_dim=16)
    torch.nn.init.normal_(model.head.weight)
    return classified(model, images(2, 3, 16, 16), 3)


def graph_attention(package: Any) -> tuple[Any, Callable[[], Any]]:
    """Messages along edges, weighed by attention and added up at their ends."""

    class Net(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = package.GCNConv(3, 4), package.GATConv(4, 3, heads=2, concat=False)

        def forward(self, x: Any, edges: Any) -> Any:
            return self.second(self.first(x, edges).relu(), edges)

    net = Net()
    edges = torch.tensor([[0, 1, 2, 3, 4, 0, 2], [1, 2, 0, 4, 3, 3, 4]])
    x, wanted = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    return net, lambda: torch.nn.functional.cross_entropy(net(x, edges), wanted)


def unet(package: Any) -> tuple[Any, Callable[[], Any]]:
    """An encoder and a decoder for segmentation."""
    net = package.Unet("resnet18", encoder_weights=None, encoder_depth=3, decoder_channels=(16, 8, 8), classes=2)
    x, wanted = images(2, 3, 32, 32), torch.randint(2, (2, 32, 32))
    return net, lambda: torch.nn.functional.cross_entropy(net(x), wanted)


def x_decoder(package: Any) -> tuple[Any, Callable[[], Any]]:
    """A decoder with rotary positions and gated layers."""
    layers = package.Decoder(dim=16, depth=2, heads=2, attn_dim_head=8, rotary_pos_emb=True, ff_glu=True)
    net = package.TransformerWrapper(num_tokens=17, max_seq_len=8, attn_layers=layers)
    ids = torch.randint(17, (2, 7))
    loss = torch.nn.functional.cross_entropy
    return net, lambda: loss(net(ids[:, :-1]).reshape(-1, 17), ids[:, 1:].reshape(-1))


MODELS: dict[str, tuple[str, Model]] = {
    "resnet18": ("torchvision.models", resnet18),
    "vision_transformer": ("torchvision.models", vision_transformer),
    "swin": ("torchvision.models", swin),
    "mobilenet": ("torchvision.models", mobilenet),
    "gpt2": ("transformers", gpt2),
    "gpt2_in_64_bits": ("transformers", gpt2_in_64_bits),
    "bert": ("transformers", bert),
    "llama": ("transformers", llama),
    "t5": ("transformers", t5),
    "convnext": ("timm.models.convnext", convnext),
    "mixer": ("timm.models.mlp_mixer", mixer),
    "graph_attention": ("torch_geometric.nn", graph_attention),
    "unet": ("segmentation_models_pytorch", unet),
    "x_decoder": ("x_transformers", x_decoder),
}
"""Each model, with the module of its package that makes it."""


FLOATS = {"mobilenet": 1e-7, "gpt2": 1e-6, "llama": 1e-6, "t5": 1e-6, "x_decoder": 1e-6}
"""How far gradients may be from PyTorch's own where the library itself computes a part in 32 bits, whatever its operands have:
the loss of a language model, norms, the softmax of attention, and the sixths of hardswish; 1e-9 elsewhere."""


def package_of(path: str) -> Any:
    """Return a module of a package; the test is skipped where it is missing, or was built for another PyTorch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        needs.package(path.partition(".")[0])
        return importlib.import_module(path)


@pytest.mark.campaign
@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_a_library_gives_the_gradients_of_autograd(name: str) -> None:
    path, build = MODELS[name]
    package = package_of(path)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        torch.manual_seed(0)
        module, result = build(package)
        compared(module, result, FLOATS.get(name, 1e-9))
    finally:
        torch.set_default_dtype(usual)


def compared(module: Any, result: Callable[[], Any], near: float) -> None:
    """Compare the derived gradients with those that ``backward()`` leaves."""
    draws = torch.get_rng_state()
    state = {k: v.clone() for k, v in module.state_dict().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = sb.trace(result)
        found = sb.derive(net).evaluate()
    torch.set_rng_state(draws)
    module.load_state_dict(state)
    value = result()
    loss = value if isinstance(value, torch.Tensor) else value.loss
    loss.backward()
    assert found.loss == pytest.approx(float(loss.detach()), rel=near)
    wanted = {n: p for n, p in module.named_parameters() if p.grad is not None}
    scale = max(float(p.grad.abs().max()) for p in wanted.values())
    left = {v.name for v in net.variables.values() if v.role == "parameter"}
    for name, parameter in wanted.items():
        held, gradient = parameter.detach().numpy(), parameter.grad.numpy()
        place = net.aliases.get(name, name)
        same = [place] if place in left else [n for n in sorted(left) if np.array_equal(net.values[n], held)]
        if not same:
            assert not np.any(gradient), f"{name} is not on the page"
            continue
        apart = [float(np.max(np.abs(np.asarray(found.gradients[n]) - gradient), initial=0.0)) for n in same]
        assert min(apart) <= near * scale, f"{name} is {min(apart) / scale:.1e} away"
        left.discard(same[apart.index(min(apart))])
    assert not left
