"""Derivations run: code generation, numbers, optimizers, training, independent checks."""
