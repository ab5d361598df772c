package replay

import (
	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

// Target is what stories are played against. It is made by [InProcess] or [Behind].
type Target struct {
	open  player.Target
	close func()
}

// Close ends what the target has started for its plays. No play may be under way.
func (t Target) Close() {
	if t.close != nil {
		t.close()
	}
}

// InProcess gives every play a server of its own in this process: with a clock that only
// the story moves, randomness that is the same each time, and passwords that cost nothing
// to hash.
//
// profiles is the folder with the configurations that stories name, NAME.yaml. If empty
// it is looked for beside the folders that a story is in: a folder profiles, then in
// testdata/profiles below the working directory.
//
// change, if not nil, has the last word on each server: a program puts its own stages,
// providers and senders in. The clock, the randomness and the stores are set by then and
// should stay; where it puts no senders in, stories read what is sent.
func InProcess(profiles string, change func(*config.Config, *server.Options)) Target {
	return Target{open: stand.New(stand.Config{Profiles: profiles, Change: change})}
}
