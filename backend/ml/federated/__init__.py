"""Federated training: sites share what their training changed in a model, never data; numpy alone, no torch."""
