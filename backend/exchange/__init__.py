"""The Model ExChanGe: models published, found, verified and fetched over plain WebDAV (docs/exchange.md).

Pure: no database, no web framework, no settings, no environment. Whoever calls it says where, with what credentials,
which keys are trusted and how much is too much.
"""
