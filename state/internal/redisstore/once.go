package redisstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Once takes a name and reports whether nobody has taken it before; it is remembered until
// the given time. Only a hash of the name is stored. Where the store cannot be asked that
// is an error: nobody knows then, and what must happen once must not happen.
func (s *Store) Once(ctx context.Context, name string, until, now time.Time) (bool, error) {
	sum := sha256.Sum256([]byte(name))
	args := redis.SetArgs{Mode: "NX", TTL: time.Duration(s.ttl(until.Sub(now))) * time.Millisecond}
	err := s.client.SetArgs(ctx, s.prefix+"once:"+hex.EncodeToString(sum[:]), 1, args).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, unavailable(err)
}

// SetLog has the Redis client write its own lines, about connections it could not make,
// to log instead of standard error. It is for the whole process, and for its start.
func SetLog(log func(ctx context.Context, text string)) { redis.SetLogger(logging(log)) }

// logging is what the client wants for a logger.
type logging func(ctx context.Context, text string)

// Printf writes a line.
func (l logging) Printf(ctx context.Context, format string, v ...any) {
	l(ctx, fmt.Sprintf(format, v...))
}
