"""Models as files to pass on: package, manifest, card, named weights. Needs neither torch nor onnx."""
