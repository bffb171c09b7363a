#!/bin/sh
# restore.sh FOLDER replace: puts a backup in the place of everything that the platform holds.
set -eu
folder=$(realpath -m "${1:?FOLDER}")
cd "$(dirname "$0")/.."
compose() { # version 2 where it is installed, else version 1
    if docker compose version > /dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
if [ "$(sha256sum < secrets/secret_key)" != "$(cat "$folder/secret_key.sha256")" ]; then
    echo "secrets/secret_key is not the key of this backup. Put the copy you kept in its place; without it patients" \
        "would not be known again." >&2
    exit 1
fi
if [ "${2:-}" != replace ]; then
    echo "This replaces all that the platform holds. Say so: $0 $folder replace" >&2
    exit 1
fi
compose stop
compose up -d db
until compose exec -T db pg_isready --quiet --host 127.0.0.1 --username exchangeai; do sleep 1; done
sql() { compose exec -T db psql --quiet --username exchangeai --dbname postgres --command "$1"; }
sql "DROP DATABASE IF EXISTS exchangeai WITH (FORCE)"
sql "CREATE DATABASE exchangeai"
compose exec -T db pg_restore --username exchangeai --dbname exchangeai --exit-on-error < "$folder/database.dump"
compose run --rm --no-deps -T --entrypoint sh web -c \
    "find /data -mindepth 1 -delete && tar --extract --directory /data" < "$folder/files.tar"
compose up -d
if [ -f "$folder/blobs.tar" ]; then compose run --rm -T web blobs load < "$folder/blobs.tar"; fi
echo "Restored. Now let the platform look for itself: compose exec web exchangeai doctor"
