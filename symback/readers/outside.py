"""Libraries that compute nothing of a network: figures, logs, clocks, data sets. What they answer is never looked into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError
from symback.library.paths import written
from symback.readers import standard_library, unfollowed
from symback.readers.asking import Reader
from symback.readers.values import Outside

HARMLESS = frozenset(
    (
        *("matplotlib", "seaborn", "plotly", "bokeh", "altair", "logging", "time", "datetime", "timeit", "os"),
        *("sys", "pathlib", "shutil", "glob", "tensorboard", "tensorboardX", "wandb", "visdom", "mlflow"),
        *("warnings", "IPython", "graphviz", "torchviz", "torchsummary", "torchinfo", "pprint", "gc", "psutil"),
        *("platform", "getpass", "json", "pickle", "csv", "yaml", "cv2", "imageio", "PIL", "skimage", "signal"),
        *("traceback", "inspect", "codecs", "io", "zipfile", "tarfile", "gzip", "urllib", "requests", "sklearn"),
        *("pandas", "torchvision", "torchtext", "torchaudio", "keras", "tensorflow", "datasets", "tiktoken"),
        *("transformers", "multiprocessing", "threading", "subprocess", "tempfile", "typing", "abc", "enum"),
        *("contextlib", "__future__"),
    )
)
"""Roots of modules whose functions change no array of the text that they are handed."""

HARMLESS_PATHS = (
    "torch.utils.tensorboard",
    "torch.save",
    "torch.onnx",
    "torch.utils.data",
    "torch.profiler",
    "torch.distributed",
    "torch.backends",
    "torch.cuda",
    "torch.set_printoptions",
    "torch.set_num_threads",
    "torch.set_default_dtype",
    "numpy.set_printoptions",
    "numpy.seterr",
    "numpy.savetxt",
    "numpy.save",
    "numpy.load",
    "numpy.loadtxt",
    "numpy.genfromtxt",
    "torch.load",
    "torch.autograd.set_detect_anomaly",
)


_NEVER_RAISING = frozenset(("matplotlib", "seaborn", "logging", "time", "datetime", "gc", "wandb", "tensorboard"))
"""Roots of modules whose functions are not expected to raise an exception that a text catches."""


def cannot_raise(path: str) -> bool:
    """Return whether a call of a library that is not executed is known to raise no exception."""
    return path.split(".")[0] in _NEVER_RAISING


def looked_up(reader: Reader, path: str) -> Outside | None:
    """Return what a path of such a library stands for; None for every other."""
    if standard_library.is_known(path):
        return None
    if path in ("torch.utils.data.TensorDataset", "torch.utils.data.DataLoader") or path.startswith(
        "torch.cuda.is_available"
    ):
        return None
    if path.split(".")[0] in HARMLESS or any(path == p or path.startswith(p + ".") for p in HARMLESS_PATHS):
        return Outside(path, reader.line)
    return None


def called(reader: Reader, value: Outside, args: Sequence[Any], keywords: Mapping[str, Any]) -> Outside:
    """Return what a call of such a thing answers: another one."""
    if reader.trying and not cannot_raise(value.path):
        raise ReadError(f"whether {written(value.path)} raises an exception is not known", reader.line)
    unfollowed.outside_called(reader, value.path, args, keywords)
    reader.handed_outside(value.path, [*args, *keywords.values()])
    return Outside(value.path, value.line or reader.line)


def refusal(value: Outside) -> ReadError:
    """Return why a value of such a library cannot stand in a formula, and what helps."""
    return ReadError(
        f"{written(value.path)} on line {value.line} is not executed, and what it gives is not known; describe the names that "
        "hold data by shapes= or values= (--shape X=100,4 or --set)",
        value.line,
    )
