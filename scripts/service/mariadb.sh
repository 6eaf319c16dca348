# What this gives and what it is given is listed in scripts/services.
# shellcheck shell=bash disable=SC2034,SC2154

variable=MARIADB_URL
package=mariadb-server
user=mysql
program=mariadbd
goodbye=TERM

is_installed() {
  bin=/usr/sbin
  [[ -x $bin/mariadbd ]]
}

# MariaDB makes its own root an account that has no password, and that is let in by the socket only,
# as root of the machine.
create() {
  "${as_user[@]}" mariadb-install-db --no-defaults --datadir="$data" --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user=root &&
    "${as_user[@]}" "$bin/mariadbd" --no-defaults --datadir="$data" --bootstrap < <(accounts)
}

# A statement must end with its line. Before the first, accounts are not even looked at.
accounts() {
  echo 'FLUSH PRIVILEGES;'
  echo "CREATE USER giro@'%' IDENTIFIED BY '$password';"
  echo "GRANT ALL PRIVILEGES ON *.* TO giro@'%' WITH GRANT OPTION;"
}

# The socket lies in the data and is named from there, since its path is limited to a hundred
# characters.
serve() {
  exec setsid "${as_user[@]}" "$bin/mariadbd" --no-defaults --datadir="$data" \
    --socket=socket --pid-file=pid --bind-address=127.0.0.1 --port="$port" \
    --skip-name-resolve --max-connections=200 --character-set-server=utf8mb4 \
    --innodb-flush-log-at-trx-commit=1
}

answers() {
  MYSQL_PWD=$password mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --port="$port" \
    --user=giro --connect-timeout=2 --execute='SELECT 1'
}

url() {
  echo "mysql://giro:$password@127.0.0.1:$port/"
}
