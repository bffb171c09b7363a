"""Answers of an ONNX model: guarded, loaded, tried and asked. Needs onnxruntime, never torch."""
