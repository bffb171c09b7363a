#!/bin/sh
# Makes the secrets that docker-compose.yml names, once; what is there is left alone.
# The folder is closed to others. The files in it are not: containers see the files alone, as users of their own.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets && chmod 700 secrets
umask 022

for name in database_password secret_key; do
    [ -e "secrets/$name" ] || openssl rand -hex 32 > "secrets/$name"
done
if [ ! -e secrets/exchange_users ]; then
    password=$(openssl rand -hex 16)
    printf 'exchange:%s\n' "$(openssl passwd -apr1 "$password")" > secrets/exchange_users
    printf '%s\n' "$password" > secrets/exchange_password
    chmod 600 secrets/exchange_password
fi
echo "The secrets are in the folder secrets. Keep a copy of secret_key apart from your backups."
