"""The command line. The only part that prints.

Heavy modules are imported inside the commands, so that ``symback --help`` loads neither SymPy nor NumPy.
"""

from __future__ import annotations

import sys

import click

from symback import __version__
from symback.cli.console import Commands
from symback.cli.doctor import doctor
from symback.cli.handouts import handout
from symback.cli.marking import check
from symback.cli.pages import code, derive
from symback.cli.running import run
from symback.cli.tables import table


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symback")
def main() -> None:
    """Derive backpropagation from forward code: textbook formulas, and the gradients they give.

    FILE is a Python file or a notebook with a NumPy or PyTorch forward pass, or - for standard input. It is read,
    never executed.
    """
    for stream in (sys.stdout, sys.stderr):
        # a console in any encoding (cp949, cp1252) must show what it can instead of failing
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="spell")


for _command in (derive, code, handout, run, check, table, doctor):
    main.add_command(_command)
