"""Training beside a plain loop, the head alone beside all layers, predictions beside onnxruntime: one run, two cores.

    python bench/train.py [--threads 2] [--epochs 5] [--only epochs|head|predict]

400 PTB-XL recordings of one superclass (320 to learn from, 80 to validate), 12 x 1000 samples, clinical preset, five
classes. The plain loop is that of the platform this one replaces: batches of 4, each made of a list of recordings, the
same network of one-dimensional convolutions from the same weights, weighted cross-entropy, AdamW, ExponentialLR, then
the validation part in batches of 4, at the learning rate 1e-3. Ours is `backend.ml.training.train` with the batch size
and learning rate that it finds, on whole recordings and with its windows of 2.5 s, augmentation included. The
macro-AUROC is that of the best epoch on the validation part, and of that epoch's network on all other PTB-XL
recordings of one superclass. FLOPs are two a multiply-add of the plain network, three times a forward pass for a
training step.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch loads: as in a worker

import numpy as np

CLASSES = 5
PREDICTIONS = 1000
RATE, N_SAMPLES = 500.0, 5000


def peak(dtype: str, threads: int) -> float:
    """Return the FLOP/s of a product of two matrices of 2048 x 2048, the best of ten."""
    import torch

    torch.set_num_threads(threads)
    a, b = (torch.randn(2048, 2048).to(getattr(torch, dtype)) for _ in range(2))
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(times)


def recordings():
    """Return the TrainingData of 400 recordings, and x and y of the others."""
    from backend.ecg.preprocess import PRESETS
    from backend.ml.data.split import Split
    from backend.ml.data.training_data import TrainingData
    from bench.zoo_data import prepared, ptbxl

    everything = ptbxl()
    one = np.flatnonzero(everything.y.sum(axis=1) == 1)
    order = np.random.default_rng(0).permutation(one)
    x, y = prepared(everything, PRESETS["clinical"]), everything.y
    rows = np.arange(400)
    chosen, rest = order[:400], order[400:]
    return TrainingData(x[chosen], y[chosen], Split(rows[:320], rows[320:], rows[320:])), x[rest], y[rest]


def spec_of(name: str, window_s: float | None):
    from backend.ecg.preprocess import PRESETS
    from backend.ml.spec import ModelSpec
    from bench.zoo_data import LABELS

    return ModelSpec(
        architecture=name, labels=LABELS, task="single_label", preprocessing=PRESETS["clinical"], window_s=window_s
    )


def ours(name: str, data, epochs: int, *, window_s: float | None, precision: str):
    """Train as the platform does; return seconds, macro-AUROC of each epoch, what answers, and the batch size."""
    from backend.ml.architectures.windows import windowed
    from backend.ml.training.augmentation import Augmentation
    from backend.ml.training.config import TrainingConfig
    from backend.ml.training.events import BatchSizeChosen, EpochDone
    from backend.ml.training.train import train, trained_network

    spec = spec_of(name, window_s)
    config = TrainingConfig(
        max_epochs=epochs, patience=epochs, monitor="macro_auroc", precision=precision,
        augmentation=Augmentation(crop_seconds=window_s),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        events = list(train(data, spec, config, path))
        network = windowed(trained_network(spec, config, path), spec).eval()
    done = [event for event in events if isinstance(event, EpochDone)]
    size = next(event.batch_size for event in events if isinstance(event, BatchSizeChosen))
    return [one.seconds for one in done], [one.macro_auroc for one in done], network, size


def forward_flops(network) -> float:
    """Return the FLOPs of one recording of 1000 samples, forward; they grow with its length."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.eval()(torch.zeros(1, 12, 1000))
    return float(counter.get_total_flops())


def bench_epochs(epochs: int, peaks: dict[str, float]) -> list[dict[str, object]]:
    import torch

    from backend.ml.architectures import architecture
    from backend.ml.architectures.windows import window_starts
    from backend.ml.evaluation.classification import macro_auroc
    from backend.ml.training.hardware import uses_bfloat16
    from bench.plain_loop import BATCH, answers, plain_copy, plain_loop

    data, x, y = recordings()
    train, validation = len(data.split.train), len(data.split.validation)
    lines: list[dict[str, object]] = []
    print(f"\nEpochs: {train} recordings, {validation} to validate; macro-AUROC of the best, and on {len(x)} others")
    for name in ("xception_time", "inception_time"):
        plain = plain_copy(name, architecture(name).build(12, 1000, CLASSES, {}, seed=1))
        flops = forward_flops(plain)
        windows = len(window_starts(1000, 250)) / 4  # each a quarter of a recording
        seconds, aurocs, network = plain_loop(plain, data, epochs)
        base = float(np.median(seconds))
        work = flops * (3 * train + validation)
        rows = [("plain loop", base, max(aurocs), network, work, "float32", BATCH)]
        for title, window_s, precision in (
            ("whole records, float32", None, "float32"),
            ("whole records", None, "auto"),
            ("windows (default)", 2.5, "auto"),
        ):
            seconds, aurocs, network, size = ours(name, data, epochs, window_s=window_s, precision=precision)
            done = (
                flops * (3 * train + validation) if window_s is None else flops * (0.75 * train + windows * validation)
            )
            samples = size * (1000 if window_s is None else 250)
            dtype = "bfloat16" if uses_bfloat16(precision, torch.device("cpu"), samples) else "float32"
            rows.append((title, float(np.median(seconds)), max(aurocs), network, done, dtype, size))
        for title, median, best, network, done, dtype, size in rows:
            others = macro_auroc(y, answers(network, x, 64))
            share = done / median / peaks[dtype]
            print(
                f"{name:15} {title:24} batch {size:3} {dtype:8} {median:6.2f} s an epoch, "
                f"{base / median:5.2f} times as quick; {done / median / 1e9:6.1f} GFLOP/s, {share:6.1%} of the peak; "
                f"AUROC {best:.3f}, {others:.3f}",
                flush=True,
            )
            lines.append({"name": name, "what": title, "seconds": median, "auroc": best, "others": others})
    return lines


def bench_head() -> list[dict[str, object]]:
    """Time the fit of the head, all its strengths, beside 20 epochs of all layers, two of which are measured."""
    from safetensors.torch import save

    from backend.ml.architectures import architecture
    from backend.ml.training.augmentation import Augmentation
    from backend.ml.training.config import TrainingConfig
    from backend.ml.training.events import EpochDone
    from backend.ml.training.start import Base
    from backend.ml.training.train import train
    from bench.plain_loop import LR

    data, *_ = recordings()
    lines: list[dict[str, object]] = []
    print("\nThe head alone beside 20 epochs of all layers (2 measured, times 10)")
    for name in ("xception_time", "inception_time"):
        for title, window_s in (("whole records", None), ("windows (default)", 2.5)):
            spec = spec_of(name, window_s)
            network = architecture(name).build(12, 1000, CLASSES, {}, seed=1)
            base = Base(name="base", spec=spec, onnx=b"", weights=save(network.state_dict()))
            config = TrainingConfig(
                method="head", max_epochs=20, learning_rate=LR, augmentation=Augmentation(crop_seconds=window_s)
            )
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                fitted = [
                    e for e in train(data, spec, config, Path(folder) / "a.pt", base=base) if isinstance(e, EpochDone)
                ]
                head = time.perf_counter() - start
                both = replace(config, method="all", max_epochs=2)
                events = list(train(data, spec, both, Path(folder) / "b.pt", base=base))
            full = 10 * sum(event.seconds for event in events if isinstance(event, EpochDone))
            print(
                f"{name:15} {title:18} head {head:5.2f} s ({len(fitted)} strengths), all {full:6.1f} s: "
                f"{full / head:.1f} times"
            )
            lines.append({"name": name, "what": title, "head": head, "all": full})
    return lines


def predict_in_child(path: str, threads: int) -> None:
    """Predict 1000 recordings one by one and print what it took; this process has no torch."""
    import onnxruntime as ort

    from backend.ml.inference.predictor import Predictor

    signals = np.random.default_rng(0).normal(0, 0.3, (50, 12, N_SAMPLES)).astype(np.float32)
    predictor = Predictor.from_path(Path(path), threads=threads)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    prepared = [predictor.spec.preprocessing(signal, RATE)[None] for signal in signals]
    name = session.get_inputs()[0].name
    kinds = {
        "all": lambda i: predictor.probabilities(signals[i][None], RATE),
        "network": lambda i: predictor.logits(prepared[i]),
        "onnxruntime": lambda i: session.run(None, {name: prepared[i]}),
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for at in range(-50, PREDICTIONS, 50):  # by turns, so that whatever else the machine does meets all alike
        for kind, call in kinds.items():
            start = time.perf_counter()
            for i in range(50):
                call(i)
            if at >= 0:
                times[kind].append(time.perf_counter() - start)
    assert "torch" not in sys.modules
    # not ru_maxrss, which a child process has from the one that started it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps({kind: sum(each) / PREDICTIONS for kind, each in times.items()} | {"rss_mb": memory}))


def bench_predict(threads: int) -> list[dict[str, object]]:
    from backend.ml.architectures import architecture
    from backend.ml.export import export_onnx

    lines: list[dict[str, object]] = []
    print(f"\n{PREDICTIONS} predictions one by one, {threads} threads, in a process of its own without torch")
    for name in ("xception_time", "inception_time"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            export_onnx(architecture(name).build(12, 1000, CLASSES, {}, seed=1), spec_of(name, None), path)
            command = [sys.executable, __file__, "--child", str(path), "--threads", str(threads)]
            took = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"{name:15} from 12 x {N_SAMPLES} samples at {RATE:g} Hz, preprocessing included: {1 / took['all']:.0f}/s; "
            f"the network alone {1 / took['network']:.0f}/s, onnxruntime {1 / took['onnxruntime']:.0f}/s; time ratio "
            f"{took['network'] / took['onnxruntime']:.2f}, with preprocessing {took['all'] / took['onnxruntime']:.2f}; "
            f"peak {took['rss_mb']:.0f} MB"
        )
        lines.append({"name": name, **took})
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--only", choices=("epochs", "head", "predict"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        predict_in_child(chosen.child, chosen.threads)
        return
    peaks = {dtype: peak(dtype, chosen.threads) for dtype in ("float32", "bfloat16")}
    print("Matrix product: " + ", ".join(f"{dtype} {value / 1e9:.0f} GFLOP/s" for dtype, value in peaks.items()))
    result: dict[str, object] = {"bench": "train", "threads": chosen.threads, "peaks": peaks}
    if chosen.only in (None, "epochs"):
        result["epochs"] = bench_epochs(chosen.epochs, peaks)
    if chosen.only in (None, "head"):
        result["head"] = bench_head()
    if chosen.only in (None, "predict"):
        result["predict"] = bench_predict(chosen.threads)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
