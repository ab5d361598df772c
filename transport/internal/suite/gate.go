package suite

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// gate is a hook that stops commands to the store of records at will.
type gate struct {
	mu     sync.Mutex
	left   int
	opened chan struct{}
	// after, if not nil, is called after each command with its name, evalsha included.
	after func(ctx context.Context, name string) error
	// before, if not nil, is called before each command; its error takes the place of
	// the answer.
	before func(ctx context.Context, name string) error
}

// Together lets the next n loads of records answer only when all of them have been read.
func (g *gate) Together(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.opened = n, make(chan struct{})
}

// meet waits for the other loads.
func (g *gate) meet() {
	g.mu.Lock()
	if g.left == 0 {
		g.mu.Unlock()
		return
	}
	g.left--
	opened := g.opened
	if g.left == 0 {
		close(opened)
	}
	g.mu.Unlock()
	select {
	case <-opened:
	case <-time.After(Patience):
	}
}

// Watch sets what is called before and after commands; nil for nothing.
func (g *gate) Watch(before, after func(ctx context.Context, name string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before, g.after = before, after
}

func (g *gate) watchers() (before, after func(ctx context.Context, name string) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.before, g.after
}

// DialHook does nothing.
func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook stops a command.
func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return g.stop(ctx, []redis.Cmder{cmd}, func() error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook stops a pipeline, which goes by the name of its first command.
func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return g.stop(ctx, cmds, func() error { return next(ctx, cmds) })
	}
}

func (g *gate) stop(ctx context.Context, cmds []redis.Cmder, next func() error) error {
	before, after := g.watchers()
	name := cmds[0].Name()
	fail := func(err error) error {
		for _, c := range cmds {
			c.SetErr(err)
		}
		return err
	}
	if before != nil {
		if err := before(ctx, name); err != nil {
			return fail(err)
		}
	}
	err := next()
	if name == "get" {
		g.meet()
	}
	if after != nil {
		if failed := after(ctx, name); failed != nil {
			return fail(failed)
		}
	}
	return err
}
