"""Calculus on elements: the one rule, recognition of array notation and its proof, textbook forms."""
