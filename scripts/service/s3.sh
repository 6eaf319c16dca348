# What this gives and what it is given is listed in scripts/services.
# shellcheck shell=bash disable=SC2034,SC2154

variable=S3_URL
installer=install-go
package=github.com/versity/versitygw/cmd/versitygw@v1.8.0
user=daemon # Of every Debian; nothing else of it is used.
program=versitygw
goodbye=TERM

is_installed() {
  built=$root/.runtime/go/versitygw@v1.8.0
  [[ -x $built ]]
}

# Buckets are folders in the data, where the server works; so what is beside them lies elsewhere. The
# program does too, since the user it runs as may not be able to reach into the checkout.
create() {
  local beside=("$folder/versions" "$folder/accounts")
  cp "$built" "$folder/versitygw" && mkdir --mode=700 "${beside[@]}" || return
  ((EUID != 0)) || chown "$user:" "${beside[@]}"
}

# Object lock needs versions, and without accounts of its own a wrong key is an odd error.
serve() {
  exec setsid "${as_user[@]}" env ROOT_ACCESS_KEY=giro ROOT_SECRET_KEY="$password" \
    "$folder/versitygw" --port "127.0.0.1:$port" --quiet --keep-alive \
    --iam-dir "$folder/accounts" posix --versioning-dir "$folder/versions" "$data"
}

# A client that waits for a server that hangs does not heed a signal that can be heeded.
answers() {
  ADMIN_ACCESS_KEY=giro ADMIN_SECRET_KEY=$password timeout --signal=KILL 2 "$built" admin \
    --endpoint-url "http://127.0.0.1:$port" list-buckets
}

# Where it is, and who may do everything: the key's name and the key.
url() {
  echo "http://giro:$password@127.0.0.1:$port"
}
