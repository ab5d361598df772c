package replay

import (
	"context"
	"io/fs"
	"slices"

	"stagedoor/transport/internal/player"
)

// The kinds of client that play stories.
const (
	// Browser and App speak the headless contract: cookies and a token against forged
	// requests, or the header X-Session-Token.
	Browser = player.Browser
	App     = player.App
	// Rest speaks the plain contract: bearer tokens, and tokens of runs in the body.
	Rest = player.Rest
)

// Play is a story played by one kind of client. It is made by [Load] or [LoadPaths].
type Play struct {
	// Story is the name of the story, File where it stands, Client the kind of client.
	Story, File, Client string
	// Profile is the configuration that the story is played on.
	Profile string
	Tags    []string

	play player.Play
}

// Name tells the play from others: STORY [CLIENT].
func (p Play) Name() string { return p.play.Name() }

// Load reads the stories of the files and folders named, all those of a folder below it
// that end in .yaml, and lists who plays what, in the order of their names. Macros are
// those of the file _macros.yaml in the folder of a story or, failing that, of the nearest
// above it. The error names every file and line at fault.
func Load(files fs.FS, names ...string) ([]Play, error) {
	stories, err := player.Load(files, names...)
	return playsOf(stories), err
}

// LoadPaths is [Load] for files and folders of the system, wherever they are.
func LoadPaths(names ...string) ([]Play, error) {
	stories, err := player.LoadPaths(names...)
	return playsOf(stories), err
}

func playsOf(stories []*player.Story) []Play {
	var out []Play
	for _, p := range player.Plays(stories) {
		out = append(out, Play{
			Story: p.Story.Name, File: p.Story.File, Client: p.Client, Profile: p.Story.Profile, Tags: slices.Clone(p.Story.Tags), play: p,
		})
	}
	return out
}

// Run plays plays against a target, as many at once as jobs says, and hands each result
// on in the order of the plays. Stories that are serial are played when all others are
// through.
func Run(ctx context.Context, plays []Play, target Target, jobs int, each func(Result)) {
	inner := make([]player.Play, len(plays))
	for i, p := range plays {
		inner[i] = p.play
	}
	i := 0
	player.RunAll(ctx, inner, target.open, jobs, func(r player.Result) {
		each(Result{Play: plays[i], Passed: r.Passed, Skipped: r.Skipped, result: r})
		i++
	})
}

// TB is what [Check] needs of a test: a [testing.T] is one.
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
}

// Check plays all stories of the files and folders named, two at a time, and fails the
// test with the whole story of each play that departs.
func Check(t TB, target Target, files fs.FS, names ...string) {
	t.Helper()
	plays, err := Load(files, names...)
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	Run(t.Context(), plays, target, 2, func(r Result) {
		if !r.Passed && r.Skipped == "" {
			t.Errorf("%s", r)
		}
	})
}
