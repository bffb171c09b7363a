"""CardX beside other networks: parameters, FLOPs a route, and the time of an answer, sparse against dense.

Dense: the same network in which every expert looks at every ECG, exported in the same way. Times are CPU milliseconds
an ECG of one thread of onnxruntime, the median of several rounds; ECG-FM, which takes seconds an ECG, is asked once.

    OMP_NUM_THREADS=1 python -m bench.cardx [--only NAME,...]
"""

import argparse
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from backend.ecg.preprocess import preset
from backend.ml.architectures import architecture
from backend.ml.architectures.cardx import CardX
from backend.ml.architectures.cost import count_parameters, route_flops
from backend.ml.architectures.mixture import Routing
from backend.ml.architectures.network import Network
from backend.ml.export import export_onnx
from backend.ml.inference.predictor import session_of
from backend.ml.spec import ModelSpec
from bench.cardx_data import others

BATCH = 32
ROUNDS = 7
NAMES = ("cardx", "xception_time", "inception_time", "xresnet1d18", "ecg_fm")


class Dense(CardX):
    """CardX in which every expert answers for every ECG; the shares, most of them 0, are those of the router."""

    def mix(self, shared: Tensor, routing: Routing) -> Tensor:
        each = [expert(shared) * routing.weights[:, i].unsqueeze(1) for i, expert in enumerate(self.experts)]
        return torch.stack(each).sum(dim=0)


def exported(network: Network, name: str, folder: Path) -> bytes:
    """Return the ONNX file of a network for five labels."""
    entry = architecture(name)
    spec = ModelSpec(
        architecture=name, labels=("a", "b", "c", "d", "e"), task="multi_label", config=entry.defaults,
        preprocessing=preset("clinical", **entry.demands),
    )  # fmt: skip
    export_onnx(network, spec, folder / "model.onnx")
    return (folder / "model.onnx").read_bytes()


def milliseconds(onnx: bytes, x: np.ndarray, rounds: int = ROUNDS) -> float:
    """Return CPU milliseconds an ECG."""
    session = session_of(onnx, 1)
    feed = {session.get_inputs()[0].name: x}
    if rounds > 1:
        session.run(None, feed)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        session.run(None, feed)
        times.append((time.process_time() - start) / len(x) * 1000)
    return median(times)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help="networks, separated by commas")
    options = parser.parse_args()
    ecgs = others("ludb")[0][:BATCH]
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name in options.only.split(","):
            entry = architecture(name)
            n_samples = preset("clinical", **entry.demands).n_samples
            network = entry.build(12, n_samples, 5, {}, seed=0).eval()
            flops = [count / 1e6 for count in route_flops(network, 12, n_samples)]
            slow = name == "ecg_fm"
            x = np.repeat(ecgs, 5, axis=2) if slow else ecgs  # 500 Hz
            onnx = exported(network, name, folder)
            took = milliseconds(onnx, x, 1 if slow else ROUNDS)
            one = milliseconds(onnx, x[:1], 1 if slow else 20)
            print(f"{name:<16} {count_parameters(network):>11,} parameters; MFLOP a route {min(flops):,.1f} / "
                  f"{np.mean(flops):,.1f} / {max(flops):,.1f} (least, mean, most); {took:.2f} ms an ECG in batches of "
                  f"{len(x)}, {one:.2f} alone")  # fmt: skip
        if "cardx" not in options.only.split(","):
            return
        sparse = architecture("cardx").build(12, 1000, 5, {}, seed=0).eval()
        dense = Dense(12, 5, 64, always_on=True).eval()
        dense.load_state_dict(sparse.state_dict())
        files = {"sparse": exported(sparse, "cardx", folder), "dense": exported(dense, "cardx", folder)}
        for size in (1, 2, 7, 64):
            x = np.resize(ecgs, (size, 12, 1000))
            wanted = sparse(torch.from_numpy(x)).detach().numpy()
            session = session_of(files["sparse"], 1)
            found = np.asarray(session.run(None, {session.get_inputs()[0].name: x})[0])
            took = {kind: milliseconds(onnx, x) for kind, onnx in files.items()}
            print(f"batch {size:>2}: sparse {took['sparse']:.2f} ms, dense {took['dense']:.2f} ms an ECG, "
                  f"{took['dense'] / took['sparse']:.2f} x; torch and ONNX differ by "
                  f"{np.abs(found - wanted).max():.1g}")  # fmt: skip


if __name__ == "__main__":
    main()
