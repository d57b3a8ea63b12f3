# Certificates for tests: an authority of our own and a server certificate for 127.0.0.1.
# shellcheck shell=bash

# need_certificates FOLDER: ca.pem, server.crt and server.key, for localhost, *.localhost and
# 127.0.0.1. Made once, good for ten years.
need_certificates() (
  [ ! -s "$1/server.crt" ] || exit 0
  mkdir -p "$1"
  cd "$1" || exit
  # openssl tells of its progress on standard error; only a failure is of interest.
  exec 2>openssl.log
  curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${curve[@]}" -days 3650 -subj "/CN=archive test authority" \
    -addext "basicConstraints=critical,CA:TRUE" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout ca.key -out ca.pem
  openssl req -new "${curve[@]}" -subj "/CN=localhost" -keyout server.key -out server.csr
  # clientAuth: a mongod is also a client of itself; without it createIndexes would hang for ever.
  printf '%s\n' "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1" \
    "extendedKeyUsage=serverAuth,clientAuth" "keyUsage=critical,digitalSignature" >server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -days 3650 -extfile server.ext -out server.new
  chmod 600 ca.key server.key
  mv server.new server.crt
)
