package redisstore

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
)

// ahead is how many arguments of a command stand before those of its script.
const ahead = 4

// call is one script run on one key. It is made by newCall.
type call struct {
	script *script
	key    string
	// args are those of the command, which begin in room. A number may be a pointer to one that
	// lives as long as the call: that allocates nothing.
	args []any
	room [ahead + 8]any
	// lives is for how many ms what is under the key stays there, keeps where that is left
	// as it is; adds where a use comes to it if the answer is 0, same where nothing does but
	// grows bytes if the answer is 1, gives where the answer is the uses that were taken out. All are for
	// counting bytes.
	lives, grows             int64
	keeps, adds, same, gives bool
	// once is set where running it twice is not the same as running it once.
	once bool
	cmd  *redis.Cmd
}

// onceCmd is a command that go-redis must not send again after a failure.
type onceCmd struct{ *redis.Cmd }

// NoRetry is asked by go-redis before it repeats a pipeline.
func (onceCmd) NoRetry() bool { return true }

func newCall(sc *script, key string) *call {
	c := &call{script: sc, key: key}
	c.args = c.room[:ahead]
	return c
}

// with adds arguments of the script.
func (c *call) with(args ...any) *call {
	c.args = append(c.args, args...)
	return c
}

// set replaces the argument that the script calls ARGV[n].
func (c *call) set(n int, arg any) { c.args[ahead+n-1] = arg }

// command makes the command that runs the script by its name, or in full.
func (c *call) command(ctx context.Context, verb, body any) redis.Cmder {
	c.args[0], c.args[1], c.args[2], c.args[3] = verb, body, 1, c.key
	c.cmd = redis.NewCmd(ctx, c.args...)
	c.cmd.SetFirstKeyPos(ahead - 1)
	if c.once {
		return onceCmd{c.cmd}
	}
	return c.cmd
}

// err returns what went wrong, as [engine.ErrUnavailable].
func (c *call) err() error { return unavailable(c.cmd.Err()) }

// int returns the number the script answered.
func (c *call) int() (int64, error) {
	n, err := c.cmd.Int64()
	return n, unavailable(err)
}

// do sends a read (or nil) and scripts in one round trip. Scripts that a server does not
// know, after its restart or on a new replica, follow in full in a second one. What went
// wrong is found in each command.
func (s *Store) do(ctx context.Context, read redis.Cmder, calls ...*call) {
	var room [4]redis.Cmder
	cmds := room[:0]
	if read != nil {
		cmds = append(cmds, read)
	}
	for _, c := range calls {
		cmds = append(cmds, c.command(ctx, "evalsha", c.script.sum))
	}
	s.send(ctx, cmds)
	cmds = cmds[:0]
	for _, c := range calls {
		if redis.HasErrorPrefix(c.cmd.Err(), "NOSCRIPT") {
			cmds = append(cmds, c.command(ctx, "eval", c.script.source))
		}
	}
	s.send(ctx, cmds)
	if s.meter == nil {
		return
	}
	for _, c := range calls {
		if c.cmd.Err() == nil {
			s.meter.note(c)
		}
	}
}

// send is one round trip.
func (s *Store) send(ctx context.Context, cmds []redis.Cmder) {
	switch len(cmds) {
	case 0:
		return
	case 1: // a pipeline would cost a little more
		if err := s.client.Process(ctx, cmds[0]); err != nil && cmds[0].Err() == nil {
			cmds[0].SetErr(err)
		}
		return
	}
	pipe := s.client.Pipeline()
	for _, cmd := range cmds {
		_ = pipe.Process(ctx, cmd)
	}
	_, err := pipe.Exec(ctx)
	if err == nil {
		return
	}
	for _, cmd := range cmds {
		if cmd.Err() != nil {
			return
		}
	}
	for _, cmd := range cmds {
		cmd.SetErr(err)
	}
}

// unavailable wraps whatever Redis or the way to it answered instead of a result.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", engine.ErrUnavailable, err)
}
