"""Classifiers as others export them: without our metadata, in several dialects of ONNX."""

import io
import warnings

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

N = 200  # samples a lead


class Plain(nn.Module):
    """Two convolutions with normalisation, the mean over time, a linear layer."""

    def __init__(self, n_labels=3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(12, 8, 7, stride=2, padding=3), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3),
            nn.Conv1d(8, 16, 5, stride=2, padding=2), nn.BatchNorm1d(16), nn.ReLU(),
        )  # fmt: skip
        self.fc = nn.Linear(16, n_labels)

    def forward(self, x):
        return self.fc(self.body(x).mean(-1))


class TimeFirst(Plain):
    def forward(self, x):  # (b, n, 12)
        return super().forward(x.transpose(1, 2))


class Attention(nn.Module):
    """Patches, a transformer layer, a class token."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv1d(12, 16, 20, stride=20)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.place = nn.Parameter(torch.randn(1, 11, 16))
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True, activation="gelu")
        self.norm = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        x = self.patch(x).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.fc(self.norm(self.layer(x))[:, 0])


class Recurrent(nn.Module):
    """A convolution and a recurrent layer, of which the last state counts."""

    def __init__(self, kind=nn.GRU):
        super().__init__()
        self.conv = nn.Conv1d(12, 8, 10, stride=10)
        self.rnn = kind(8, 16, batch_first=True)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        states, _ = self.rnn(self.conv(x).transpose(1, 2))
        return self.fc(states[:, -1])


def lived_in(network, x, seed=1):
    """Running statistics and weights that are not those of a fresh network."""
    network.train()
    with torch.no_grad():
        for _ in range(3):
            network(x)
    return network.eval()


def exported(network, *, opset=18, dynamo=True, batch=None, time_first=False, training=False):
    """The ONNX file of a torch network, the batch open unless it is fixed."""
    x = torch.from_numpy(noise(batch or 2, time_first=time_first))
    lived_in(network, torch.from_numpy(noise(8, time_first=time_first)))
    buffer = io.BytesIO()
    kwargs = {
        "opset_version": opset,
        "dynamo": dynamo,
        "verbose": False,
        "input_names": ["ecg"],
        "output_names": ["out"],
    }
    if dynamo and batch is None:
        kwargs["dynamic_shapes"] = ({0: torch.export.Dim("b")},)
    elif batch is None:
        kwargs["dynamic_axes"] = {"ecg": {0: "b"}, "out": {0: "b"}}
    if training:
        kwargs["training"] = torch.onnx.TrainingMode.TRAINING
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(network, (x,), None if dynamo else buffer, **kwargs)
    return program.model_proto.SerializeToString() if dynamo else buffer.getvalue()


def noise(n, seed=0, *, time_first=False):
    x = np.random.default_rng(seed).standard_normal((n, 12, N)).astype(np.float32)
    return np.ascontiguousarray(x.transpose(0, 2, 1)) if time_first else x


def answers(content, x):
    """What onnxruntime says, record by record, so that any batch size will do."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: x[i : i + 1]})[0] for i in range(len(x))])


def loaded(content):
    return onnx.load_from_string(content)
