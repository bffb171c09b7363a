import numpy as np


def problem(seed, n=200, n_labels=4, task="multi_label", decimals=2):
    """Labels and rounded (hence tied) probabilities that know something of them."""
    random = np.random.default_rng(seed)
    if task == "single_label":
        y = np.eye(n_labels)[random.integers(0, n_labels, n)]
        p = random.random((n, n_labels)) + y
        p = np.round(p / p.sum(axis=1, keepdims=True), decimals)
    else:
        y = (random.random((n, n_labels)) < 0.3).astype(float)
        p = np.round(np.clip(0.3 * y + 0.7 * random.random((n, n_labels)), 0, 1), decimals)
    return y, p
