package bus

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// keepLease takes the lease when it is free or ours. One step, so that it cannot be lost in between.
var keepLease = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)

// dropLease gives the lease back when it is ours.
var dropLease = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`)

// Lease implements Bus. While Redis is away nobody gets it, and whoever has it has to stop when its time is over.
func (r *Redis) Lease(ctx context.Context, name string, keep time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, sayTime)
	defer cancel()
	key := []string{r.prefix + "lease:" + name}
	if keep <= 0 {
		return false, dropLease.Run(ctx, r.client, key, r.self).Err()
	}
	n, err := keepLease.Run(ctx, r.client, key, r.self, keep.Milliseconds()).Int()
	return n == 1, err
}
