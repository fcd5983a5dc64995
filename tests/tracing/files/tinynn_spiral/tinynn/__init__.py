from .core import Module, Parameter, Sequential
from .losses import *
from .modules import Linear, Sigmoid
from .optim import NesterovSGD

__version__ = "0.1"
