"""The handouts of this folder: six lessons on the examples, each in English and Korean, as GitHub shows them.

``python docs/pages/build.py`` writes them again; with an ending, as ``build.py pdf``, in another format;
``build.py png`` writes the pictures of single pages, by Typst.
"""

import hashlib
import runpy
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import symback as sb
from symback.documents.formats import typst as typst_format
from symback.documents.handouts import Handout

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

LESSONS = {
    "chain_rule": ("chain.py", {}, {}),
    "one_neuron": ("neuron_bce.py", {}, {}),
    "gradient_descent": ("neuron_update.py", {}, {}),
    "two_layer_relu": ("matrix_relu.py", {}, {}),
    "two_layer_sigmoid": ("two_layer_sigmoid.py", {}, {}),
    "every_entry": ("module_bce.py", {}, {"view": "entries"}),
}
"""By name: the file of the network, how it is read, and how the lesson looks."""

TITLES = {
    "chain_rule": {"en": "The chain rule", "ko": "연쇄법칙"},
    "one_neuron": {"en": "One neuron with binary cross-entropy", "ko": "뉴런 하나와 이진 교차 엔트로피"},
    "gradient_descent": {"en": "One step of gradient descent", "ko": "경사 하강법 한 걸음"},
    "two_layer_relu": {"en": "Two layers with ReLU", "ko": "ReLU 2층 신경망의 오차 역전파"},
    "two_layer_sigmoid": {"en": "Two layers with sigmoids", "ko": "시그모이드 2층 신경망의 오차 역전파"},
    "every_entry": {"en": "Every weight by itself", "ko": "가중치 하나하나의 역전파"},
}


PICTURES = {"two_layer_sigmoid.en": 3, "two_layer_sigmoid.ko": 3, "every_entry.ko": 1}
"""The pages that are pictures: of this lesson in this language, the page of this number."""


def derivation(name: str) -> sb.Derivation:
    """Return the derivation of a lesson; SymPy equations are run, forward code is only read."""
    file, reading, _ = LESSONS[name]
    if file == "chain.py":
        found: sb.Derivation = runpy.run_path(str(EXAMPLES / file))["d"]
        return found
    return sb.derive(sb.read(EXAMPLES / file, **reading))


def notation(name: str) -> sb.Notation:
    """Return how the symbols of a lesson look: the letters of its lecture notes."""
    if name == "every_entry":
        return sb.Notation(activation="sigma", learning_rate="alpha", symbols={"loss": r"\mathcal{L}"})
    return sb.Notation()


def handout(name: str, language: str) -> Handout:
    """Return a lesson in a language."""
    title = TITLES[name][language]
    return derivation(name).handout(language, title=title, notation=notation(name), **LESSONS[name][2])


def build(folder: Path, ending: str = "md") -> list[Path]:
    """Write every lesson in both languages into a folder and return the files."""
    flavor = {"flavor": "github"} if ending == "md" else {}
    return [
        handout(name, language).save(folder / f"{name}.{language}.{ending}", **flavor)
        for name in LESSONS
        for language in ("en", "ko")
    ]


def typst_source(picture: str) -> str:
    """Return what Typst sets for a picture."""
    name, language = picture.split(".")
    return typst_format.render(handout(name, language).document)


def source_mark(source: str) -> bytes:
    """Return the piece of a PNG file that says which source it was set from, so that an old picture is found."""
    body = b"tEXtsource\0" + hashlib.sha256(source.encode()).hexdigest().encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def build_pictures(folder: Path) -> list[Path]:
    """Write the pictures of single pages into a folder and return the files; needs the package typst."""
    import typst

    written = []
    for picture, page in PICTURES.items():
        source = typst_source(picture)
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "page.typ"
            file.write_text(source, encoding="utf-8", newline="\n")
            image = typst.compile(str(file), root=place, format="png", ppi=96)[page - 1]
        end = image.rindex(b"IEND") - 4
        path = folder / f"{picture}.png"
        path.write_bytes(image[:end] + source_mark(source) + image[end:])
        written.append(path)
    return written


if __name__ == "__main__":
    here, endings = Path(__file__).parent, sys.argv[1:2]
    for path in build_pictures(here) if endings == ["png"] else build(here, *endings):
        print(path.name)
