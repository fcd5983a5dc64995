"""The handouts of this folder: six lessons on the examples, each in English and Korean, as GitHub shows them.

``python docs/pages/build.py`` writes them again; with an ending, as ``build.py pdf``, in another format.
"""

import runpy
import sys
from pathlib import Path

import symback as sb

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


def build(folder: Path, ending: str = "md") -> list[Path]:
    """Write every lesson in both languages into a folder and return the files."""
    written = []
    for name, (_, _, options) in LESSONS.items():
        d = derivation(name)
        for language in ("en", "ko"):
            handout = d.handout(language, title=TITLES[name][language], notation=notation(name), **options)
            flavor = {"flavor": "github"} if ending == "md" else {}
            written.append(handout.save(folder / f"{name}.{language}.{ending}", **flavor))
    return written


if __name__ == "__main__":
    for path in build(Path(__file__).parent, *sys.argv[1:2]):
        print(path.name)
