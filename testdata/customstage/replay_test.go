package acme

import (
	"os"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/notify"
	"stagedoor/transport/replay"
	"stagedoor/transport/server"
)

// TestStories replays what people do, each story on a server of its own.
func TestStories(t *testing.T) {
	target := replay.InProcess("", func(_ *config.Config, o *server.Options) {
		o.Extend, o.Templates = Extensions, []notify.Template{LeaveMail()}
	})
	replay.Check(t, target, os.DirFS("."), "testdata/flows")
}
