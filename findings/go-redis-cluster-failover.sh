#!/usr/bin/env bash
# go-redis 9.23.0 (Go module), Redis 7.0.15 as a Cluster.
#
# A ClusterClient learns where slots are when it is told so by a node (MOVED, ASK, READONLY) and
# once a minute. A node that cannot be reached is none of that: after a master has died and its
# replica has taken over, commands for its slots fail until the minute is over, while Redis has
# been whole again for most of it. Seen here: the replica is master after 2 s, the client writes
# again after 58 s. ReloadState called after a failed dial ends it at once.
#
# Needs go, redis-server and redis-cli; takes two minutes. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
cleanup() {
	for file in "$dir"/*/pid; do
		kill -9 "$(cat "$file")" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap cleanup EXIT
cd "$dir"
redis-server --version

nodes=()
for port in 27101 27102 27103 27104 27105 27106; do
	mkdir "$port"
	redis-server --port "$port" --bind 127.0.0.1 --dir "$dir/$port" --pidfile "$dir/$port/pid" --daemonize yes --save '' \
		--cluster-enabled yes --cluster-node-timeout 1000 >/dev/null
	nodes+=("127.0.0.1:$port")
done
sleep 1
redis-cli --cluster create "${nodes[@]}" --cluster-replicas 1 --cluster-yes >create.log
sleep 3

cat >go.mod <<'MOD'
module failover

go 1.24

require github.com/redis/go-redis/v9 v9.23.0
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// away is how long writes to a key fail after the process that has it was killed.
func away(reload bool, pid int, key string) float64 {
	ctx := context.Background()
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: os.Args[1:]})
	defer c.Close()
	if err := c.Set(ctx, key, "before", 0).Err(); err != nil {
		panic(err)
	}
	time.Sleep(time.Second)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		panic(err)
	}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		err := c.Set(ctx, key, "after", 0).Err()
		if err == nil || time.Since(began) > 2*time.Minute {
			return time.Since(began).Seconds()
		}
		if reload {
			c.ReloadState(ctx)
		}
	}
}

func main() {
	var pid int
	var key string
	var reload bool
	fmt.Scan(&pid, &key, &reload)
	fmt.Printf("%.0f\n", away(reload, pid, key))
}
GO
go mod tidy >/dev/null 2>&1
go build -o away .

# A key of each of two masters: b has slot 3300, c slot 7365.
pid_of() { redis-cli -p 27106 cluster nodes | awk -v slot="$1" '
	$3 ~ /master/ && $3 !~ /fail/ { for (i = 9; i <= NF; i++) { split($i, r, "-"); if (r[1] <= slot && slot <= r[2]) { split($2, a, "[:@]"); print a[2] } } }'; }
one=$(pid_of 3300)
waits=$(echo "$(cat "$one/pid") b false" | ./away "${nodes[@]}")
other=$(pid_of 7365)
told=$(echo "$(cat "$other/pid") c true" | ./away "${nodes[@]}")
echo "writes failed for $waits s; with ReloadState after each failure for $told s"
if ((waits < 20 || told > 15)); then
	echo 'it is otherwise now'
	exit 1
fi
