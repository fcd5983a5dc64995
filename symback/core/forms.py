"""Forms at one path: kinds of nodes, the functions that make them, rows of the tables, notes, walks, and spelling as code.

A Form says what people write and machines run: ``X @ W + b``, ``a * (1 - a)``, a sum over axis 0. Each part has a file of its
own: sizes (``shapes``), spelling (``spelling``), nodes (``nodes``, ``arrays``), walks (``walking``), functions by definition (``rows``).
"""

from symback.core.arrays import *  # noqa: F403
from symback.core.implicit import *  # noqa: F403
from symback.core.nodes import *  # noqa: F403
from symback.core.notes import *  # noqa: F403
from symback.core.rows import *  # noqa: F403
from symback.core.shapes import *  # noqa: F403
from symback.core.spelling import *  # noqa: F403
from symback.core.walking import *  # noqa: F403
