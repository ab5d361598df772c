package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"stagedoor/transport/replay"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	bases, clients, filters []string
	smtp, http, oidc        string
	profiles, color         string
	jobs                    int
	quiet, verbose, json    bool
}

func replayCommand() *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay FILE|DIR...",
		Short: "Play stories against a server and say where it departs from them",
		Long: "Play stories, the fixtures of testdata/flows or recorded scenarios, and say where the\n" +
			"server departs from them. Without --base every play has a server of its own in this\n" +
			"process, with a clock that only the story moves. go doc stagedoor/transport/replay has\n" +
			"the format.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	flags := c.Flags()
	flags.StringArrayVar(&f.bases, "base", nil, "`PROFILE=URL` of a server to play against, or a URL for all profiles; may be repeated")
	flags.StringSliceVar(&f.clients, "client", nil, "only these clients: browser, app, rest")
	flags.StringArrayVar(&f.filters, "filter", nil, "only plays with `TEXT` in their name, or tag:T, profile:P; comma for or, repeat for and")
	flags.StringVar(&f.smtp, "smtp", "127.0.0.1:2525", "with --base: where the server's mail is taken")
	flags.StringVar(&f.http, "http", "127.0.0.1:2580", "with --base: where its text messages are taken")
	flags.StringVar(&f.oidc, "oidc", "127.0.0.1:2590", "with --base: where the OpenID provider stands")
	flags.StringVar(&f.profiles, "profiles", "", "the folder of the profiles; looked for beside the stories, and in testdata/profiles, if left out")
	flags.IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many plays at once")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "one line for each play")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "also the exits that runs took, and the answers")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
	flags.BoolVar(&f.json, "json", false, "print the results as JSON")
	return c
}

// run plays what the arguments name.
func (f *replayFlags) run(c *cobra.Command, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	all, err := replay.LoadPaths(args...)
	if err != nil {
		return err
	}
	plays := slices.DeleteFunc(slices.Clone(all), func(p replay.Play) bool { return !f.selects(p) })
	if len(plays) == 0 {
		return fmt.Errorf("none of %d stories is selected; look at --client and --filter", stories(all))
	}
	// A pipe that nobody reads any more ends the plays, which then clean up behind them.
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGPIPE)
	defer stop()
	target, err := f.target(ctx)
	if err != nil {
		return err
	}
	defer target.Close()
	out := c.OutOrStdout()
	printer := replay.Printer{Out: out, Quiet: f.quiet, Verbose: f.verbose, Color: f.color == "always" || f.color == "auto" && isTerminal(out)}
	var results []replay.Result
	replay.Run(ctx, plays, target, f.jobs, func(r replay.Result) {
		results = append(results, r)
		if !f.json {
			printer.Print(r)
		}
	})
	summary, failed := replay.Summary(results)
	if f.json {
		if err := replay.WriteJSON(out, results); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(out, summary)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: not all of %d plays were played", len(plays))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d plays depart from their stories", failed, len(plays))
	}
	return nil
}

// check refuses flags that make no sense.
func (f *replayFlags) check() error {
	for _, c := range f.clients {
		if !slices.Contains([]string{replay.Browser, replay.App, replay.Rest}, c) {
			return fmt.Errorf("--client %s: there are browser, app and rest", c)
		}
	}
	if !slices.Contains([]string{"auto", "always", "never"}, f.color) {
		return fmt.Errorf("--color %s: there are auto, always and never", f.color)
	}
	if f.jobs < 1 {
		return fmt.Errorf("--jobs %d: at least one play must go on", f.jobs)
	}
	if f.quiet && f.verbose {
		return fmt.Errorf("--quiet and --verbose: one of them")
	}
	return nil
}

// stories counts the stories of plays.
func stories(plays []replay.Play) int {
	files := map[string]bool{}
	for _, p := range plays {
		files[p.File] = true
	}
	return len(files)
}

// selects reports whether a play is of a client that is asked for and passes every filter.
func (f *replayFlags) selects(p replay.Play) bool {
	if len(f.clients) > 0 && !slices.Contains(f.clients, p.Client) {
		return false
	}
	for _, filter := range f.filters {
		hit := slices.ContainsFunc(strings.Split(filter, ","), func(one string) bool {
			switch key, value, _ := strings.Cut(one, ":"); key {
			case "tag":
				return slices.Contains(p.Tags, value)
			case "profile":
				return p.Profile == value
			case "client":
				return p.Client == value
			}
			return strings.Contains(p.Story, one)
		})
		if !hit {
			return false
		}
	}
	return true
}

// target is what is played against: servers in this process, or those behind addresses.
func (f *replayFlags) target(ctx context.Context) (replay.Target, error) {
	if len(f.bases) == 0 {
		return replay.InProcess(f.profiles, nil), nil
	}
	base, err := f.addresses()
	if err != nil {
		return replay.Target{}, err
	}
	target, err := replay.Behind(ctx, replay.Servers{Base: base, SMTP: f.smtp, HTTP: f.http, OIDC: f.oidc})
	if err != nil {
		err = fmt.Errorf("--%w", err)
	}
	return target, err
}

// addresses reads --base: by profile, "" for all others.
func (f *replayFlags) addresses() (map[string]*url.URL, error) {
	out := map[string]*url.URL{}
	for _, arg := range f.bases {
		profile, address, ok := strings.Cut(arg, "=")
		if !ok || strings.Contains(profile, "/") {
			profile, address = "", arg
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("--base %s: want PROFILE=URL or a URL, such as default=http://localhost:8080", arg)
		}
		out[profile] = u
	}
	return out, nil
}

// isTerminal reports whether what is written is read by a person at a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && terminal(f)
}
