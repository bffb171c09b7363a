#!/bin/sh
# backup.sh FOLDER: copies database and files of the running platform to a new folder, with their sums.
# The database comes first: whatever it names is then among the files, but for what is deleted in between.
# The folder holds patients' ECGs: keep it encrypted, and secrets/secret_key, which is not in it, elsewhere.
set -eu
umask 077
folder=$(realpath -m "${1:?FOLDER}")
cd "$(dirname "$0")/.."
compose() { # version 2 where it is installed, else version 1
    if docker compose version > /dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

mkdir "$folder"
compose exec -T db pg_dump --username exchangeai --format custom exchangeai > "$folder/database.dump"
compose exec -T web tar --create --directory /data --exclude ./queue . > "$folder/files.tar" ||
    [ $? -eq 1 ] # a file that was being written when it was read: nothing refers to it yet
sums="database.dump files.tar secret_key.sha256"
if grep --quiet '^EXCHANGEAI_STORAGE_URL=s3:' .env; then # files are elsewhere
    compose exec -T web exchangeai blobs save > "$folder/blobs.tar"
    sums="$sums blobs.tar"
fi
sha256sum < secrets/secret_key > "$folder/secret_key.sha256"
(cd "$folder" && sha256sum $sums > SHA256SUMS)
echo "The backup is in $folder ($(du -sh "$folder" | cut -f1))."
