"""Pure learning code: architectures, training, export, prediction. No web, database or queue."""
