"""Training and fine-tuning in torch; `config`, `recipe` and `events` load without it."""
