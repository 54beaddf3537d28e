#!/bin/sh
# secrets.sh FOLDER HOST: what compose.yaml hands to the containers as secrets, made once: passwords of the database, and
# a certificate for HOST that is signed by itself, to be replaced by one of yours. What is there stays.
set -eu
folder=${1:?usage: secrets.sh FOLDER HOST}
host=${2:?usage: secrets.sh FOLDER HOST}
umask 077
mkdir -p "$folder"
cd "$folder"

# Containers read them by accounts of their own; nobody else gets into the folder.
keep() {
  file=$1; shift
  [ -s "$file" ] || { "$@" > "$file.new" && chmod 444 "$file.new" && mv "$file.new" "$file"; }
}
uri() { echo "postgresql://$1:$(cat "$2")@postgresql/webmacs"; }

keep database.admin_password openssl rand -hex 24
keep database.sidecar_password openssl rand -hex 24
keep database.authenticator_password openssl rand -hex 24
keep database.admin_uri uri postgres database.admin_password
keep database.uri uri webmacs_sidecar database.sidecar_password
keep database.authenticator_uri uri webmacs_authenticator database.authenticator_password

if [ ! -s certificate.pem ]; then
  case "$host" in *[!0-9.]*) name="DNS:$host" ;; *) name="IP:$host" ;; esac
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 820 -subj "/CN=$host" \
    -addext "subjectAltName=$name" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth \
    -keyout certificate.key -out certificate.pem 2> openssl.log || { cat openssl.log >&2; exit 1; }
  rm openssl.log
  chmod 444 certificate.key certificate.pem
fi
echo "The secrets are in $PWD."
