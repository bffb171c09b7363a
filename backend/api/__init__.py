"""The web API: schema in, one service call, schema out."""
