package redisstore

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/redis/go-redis/v9"
)

// topology has the map of a Cluster's slots read anew as soon as an answer, or none, says that it
// may have changed. The client by itself does so once a minute and where it is sent elsewhere by
// a node; one that is dead sends nobody elsewhere.
type topology struct {
	reload func(context.Context)
}

var _ redis.Hook = topology{}

// watchTopology puts the hook before a client of a Cluster, and does nothing to others: a
// Sentinel's tells of a new master by itself.
func watchTopology(client redis.UniversalClient) {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.AddHook(topology{cluster.ReloadState})
	}
}

// DialHook changes nothing.
func (t topology) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook looks at what came of a command.
func (t topology) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		t.note(ctx, err)
		return err
	}
}

// ProcessPipelineHook looks at what came of each command.
func (t topology) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		if err != nil {
			t.note(ctx, err)
			for _, cmd := range cmds {
				t.note(ctx, cmd.Err())
			}
		}
		return err
	}
}

// note has the map read, at most five times a second and beside the request.
func (t topology) note(ctx context.Context, err error) {
	if moved(err) {
		t.reload(context.WithoutCancel(ctx))
	}
}

// moved says whether an error may be that of a node that serves its slots no more.
func moved(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) {
		return false
	}
	for _, prefix := range []string{"CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING", "MOVED"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}
