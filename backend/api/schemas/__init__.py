"""Wire shapes of the API, one file a noun. A shape ending in `In` or `Patch` is sent; the others are answers."""
