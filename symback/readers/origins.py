"""Of which library an array is that a text leaves open: by what the text imports, and by how it uses the name."""

from __future__ import annotations

import ast

from symback.library.paths import module_path

_TORCH_METHODS = frozenset(
    (
        *(
            "view",
            "unsqueeze",
            "permute",
            "detach",
            "backward",
            "cuda",
            "cpu",
            "numel",
            "dim",
            "long",
            "float",
            "double",
        ),
        *("requires_grad_", "expand_as", "view_as", "masked_fill", "softmax", "log_softmax", "sigmoid", "relu", "tanh"),
        *("unfold", "chunk", "bmm", "mm", "addmm", "numpy", "contiguous", "scatter_", "type_as", "clamp", "unbind"),
    )
)
_NUMPY_METHODS = frozenset(("astype", "dot", "tolist", "ravel", "copy", "clip", "fill", "searchsorted"))

_OF_32_BITS = frozenset(("int", "int32", "intc", "IntTensor"))
"""Attributes of a library or of a tensor that name whole numbers of 32 bits, or make them."""
_CODES_OF_32_BITS = frozenset(("int32", "intc", "i", "i4", "<i4", "=i4"))

DIFFERENT = frozenset(("var", "std", "max", "min", "size", "sort", "repeat", "view", "median", "argsort"))
"""Methods that mean something else in the two libraries."""


class Origins:
    """What a text says of the library of its open names."""

    def __init__(self) -> None:
        self.imported: set[str] = set()
        self.torch: set[str] = set()
        self.numpy: set[str] = set()
        self.bits = 64
        """How many bits its whole numbers have: 32 once the text names a type of so many."""

    def look(self, tree: ast.AST) -> None:
        """Take in one more text, or cell of a notebook."""
        roots: dict[str, str] = {"np": "numpy", "torch": "torch", "F": "torch", "nn": "torch"}
        for node in ast.walk(tree):
            names = node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            for alias in names:
                module = node.module if isinstance(node, ast.ImportFrom) else alias.name
                root = module_path(module or "").split(".")[0]
                if root in ("numpy", "torch"):
                    self.imported.add(root)
                    roots[(alias.asname or alias.name).split(".")[0]] = root
                    self.bits = 32 if alias.name in _OF_32_BITS else self.bits
        for node in ast.walk(tree):
            if (isinstance(node, ast.Attribute) and node.attr in _OF_32_BITS) or (
                isinstance(node, ast.Constant) and node.value in _CODES_OF_32_BITS
            ):
                self.bits = 32
            if isinstance(node, ast.Call):
                self._look_at_call(node, roots)

    def _look_at_call(self, node: ast.Call, roots: dict[str, str]) -> None:
        function = node.func
        if not isinstance(function, ast.Attribute):
            return
        if isinstance(function.value, ast.Name):
            if function.attr in _TORCH_METHODS or (function.attr == "size" and function.value.id not in roots):
                self.torch.add(function.value.id)
            elif function.attr in _NUMPY_METHODS:
                self.numpy.add(function.value.id)
        root: ast.expr = function
        while isinstance(root, ast.Attribute):
            root = root.value
        library = roots.get(root.id) if isinstance(root, ast.Name) else None
        if library is not None and function.attr not in ("tensor", "from_numpy", "as_tensor", "asarray", "array"):
            wanted = self.torch if library == "torch" else self.numpy
            wanted.update(a.id for a in node.args if isinstance(a, ast.Name))

    def is_torch(self, name: str) -> bool | None:
        """Return whether a name is a tensor; None where neither library is certain."""
        if len(self.imported) < 2:
            return "torch" in self.imported
        if (name in self.torch) != (name in self.numpy):
            return name in self.torch
        return None
