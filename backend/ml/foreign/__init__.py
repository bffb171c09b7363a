"""Models that came from elsewhere: ONNX graphs and PyTorch weights, made trainable in torch or given a new head."""
