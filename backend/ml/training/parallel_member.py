"""A helping process of a training on several devices: the gradient of its share of each batch, answers of others."""

import copy
import sys
from datetime import timedelta
from multiprocessing.connection import Connection

import torch
from torch import distributed, nn

from backend.ml.architectures.windows import windowed
from backend.ml.training.config import TrainingConfig
from backend.ml.training.hardware import memory_kept
from backend.ml.training.learner import answered, gradient
from backend.ml.training.loss import make_loss
from backend.ml.training.parallel_memory import SharedMemory
from backend.ml.training.parallel_messages import Assignment, Question, Share
from backend.ml.training.start import network_for

LIMIT = timedelta(minutes=2)  # of an exchange; both sides are there when it begins


def join(assignment: Assignment, rank: int, meeting: str) -> None:
    """Meet the other processes of this training."""
    distributed.init_process_group(
        "nccl" if assignment.device == "cuda" else "gloo", init_method=f"file://{meeting}", rank=rank,
        world_size=assignment.devices, timeout=LIMIT,
    )  # fmt: skip


@torch.no_grad()
def give_weights(network: nn.Module) -> None:
    """Give every process the weights of the first one; all call it."""
    parameters = list(network.parameters())
    flat = nn.utils.parameters_to_vector(parameters)
    distributed.broadcast(flat, 0)
    nn.utils.vector_to_parameters(flat, parameters)


@torch.no_grad()
def add_gradients(network: nn.Module, share: float) -> None:
    """Sum the gradients, each times its process's share of the batch, in the first process; all call it."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = torch.cat([grad.flatten() for grad in grads]) * share
    distributed.reduce(flat, 0)
    start = 0
    for parameter in parameters:
        parameter.grad = flat[start : start + parameter.numel()].view_as(parameter).clone()
        start += parameter.numel()


def serve(connection: Connection) -> None:
    """Do what comes over the connection until it is closed."""
    assignment: Assignment
    assignment, rank, meeting = connection.recv()
    device = torch.device(f"cuda:{rank}" if assignment.device == "cuda" else "cpu")
    if assignment.device == "cuda":
        torch.cuda.set_device(device)
    config: TrainingConfig = assignment.config
    network = network_for(assignment.spec, config, assignment.base).to(device).train()
    answering = copy.deepcopy(network)  # the average of the weights may be what is asked for
    loss = make_loss(assignment.y, assignment.spec.task, config.class_weights, device, config.loss)
    memory: SharedMemory | None = None
    if assignment.memory is not None:
        memory = SharedMemory(network, assignment.devices - 1, assignment.memory)
    connection.send(("ready", 0.0))
    if memory is None:
        join(assignment, rank, meeting)
    while True:
        todo: Share | Question = connection.recv()
        if isinstance(todo, Question):
            if todo.weights:
                answering.load_state_dict({name: torch.from_numpy(one) for name, one in todo.weights.items()})
            logits = answered(windowed(answering, assignment.spec).eval(), device, todo.x, todo.patient)
            connection.send(("logits", logits.cpu().numpy()))
            continue
        if memory is None:
            give_weights(network)
        torch.set_num_threads(todo.threads)
        torch.manual_seed(todo.seed)
        network.zero_grad()
        value = 0.0
        if todo.share:
            value = gradient(network, loss, todo.precision, device, todo.batch).item()
        if memory is not None:
            memory.put_gradients(rank, todo.share)
        connection.send(("loss", value * todo.share))
        if memory is None:
            connection.recv()
            add_gradients(network, todo.share)


def main() -> None:
    """Serve the process that started this one, over the file descriptor named in the arguments."""
    connection = Connection(int(sys.argv[1]))
    try:
        with memory_kept():
            serve(connection)
    except (EOFError, ConnectionError):  # the training is over
        return
    except Exception as problem:  # noqa: BLE001  # whatever it is, the other process should say so
        connection.send(("error", f"{type(problem).__name__}: {problem}"[:500]))


if __name__ == "__main__":
    main()
