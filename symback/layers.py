"""Layers, builders of networks, at their public path; ``symback.networks.layers`` says how they are used."""

from symback.networks.layers import *  # noqa: F403
