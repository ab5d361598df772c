package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"stagedoor/transport/bench"
)

const benchLong = `Walk a journey again and again on a running server, and print throughput, latencies,
errors by kind and what named processes used of the processor and memory.

Without --rate every connection begins the next journey when the last has ended. With
--rate so many are due a second, whatever the server does, and latencies count from when
a journey was due. What journeys need is made before: accounts with a drawn password,
bench-RUN-N@example.org, which stay behind. Rate limits of the server apply.

Journeys of the contract headless, which stagedoor and django-allauth speak:
%s
Of rest, stagedoor's plain contract: %s.
Of kratos (Ory Kratos) and hanko (Hanko): %s.`

// benchFlags are the flags of bench.
type benchFlags struct {
	url, contract, mount, origin, mail string
	pids                               []string
	load                               bench.Load
	yes, json                          bool
}

func benchCommand() *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use: "bench JOURNEY", Short: "Put a running server under load, by whole journeys", Args: cobra.ExactArgs(1),
		Long: fmt.Sprintf(benchLong, benchJourneys(), journeyNames(bench.Plain), journeyNames(bench.Kratos)),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	flags := c.Flags()
	flags.StringVar(&f.url, "url", "http://localhost:8080", "the server")
	flags.StringVar(&f.contract, "contract", string(bench.Headless), "what it speaks: headless, rest, kratos or hanko")
	flags.StringVar(&f.mount, "mount", "/_allauth", "where the contract headless stands")
	flags.StringVar(&f.origin, "origin", "", "the origin of pages that use passkeys; the server's own if left out")
	flags.StringVar(&f.mail, "mail", "", "where codes come: dev for a development server's mailbox, host:port to take the server's mail there")
	flags.IntVarP(&f.load.Connections, "connections", "c", 16, "how many walk at once")
	flags.Float64Var(&f.load.Rate, "rate", 0, "journeys a second; as many as there can be if left out")
	flags.DurationVarP(&f.load.Duration, "duration", "d", 0, "how long; 10s if there is no --count")
	flags.IntVarP(&f.load.Count, "count", "n", 0, "how many journeys")
	flags.IntVar(&f.load.Accounts, "accounts", 0, "how many accounts login-totp uses: one is good for a journey in half a minute")
	flags.StringArrayVar(&f.pids, "pid", nil, "`NAME=PID` of a process to watch, with its children; may be repeated")
	flags.BoolVar(&f.yes, "yes", false, "also on a server that is not on this machine")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON, durations in nanoseconds")
	return c
}

// benchJourneys lists the journeys with what they are.
func benchJourneys() string {
	var b strings.Builder
	for _, j := range bench.Headless.Journeys() {
		fmt.Fprintf(&b, "  %-11s %s\n", j[0], j[1])
	}
	return strings.TrimRight(b.String(), "\n")
}

func journeyNames(c bench.Contract) string {
	var out []string
	for _, j := range c.Journeys() {
		out = append(out, j[0])
	}
	return strings.Join(out, ", ")
}

// run walks a journey.
func (f *benchFlags) run(c *cobra.Command, journey string) error {
	target, err := f.target()
	if err != nil {
		return err
	}
	if !target.Local() && !f.yes {
		return fmt.Errorf("%s is not on this machine: bench loads it and leaves accounts there; --yes if that is meant", f.url)
	}
	f.load.Journey = journey
	if f.load.Duration == 0 && f.load.Count == 0 {
		f.load.Duration = 10 * time.Second
	}
	if f.load.Processes, err = processes(f.pids); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGPIPE)
	defer stop()
	if target.Letters, err = f.letters(ctx, target.Base); err != nil {
		return err
	}
	if target.Letters != nil {
		defer target.Letters.Close()
	}
	if err := target.Probe(ctx); err != nil {
		return fmt.Errorf("%s does not answer: %w", f.url, err)
	}
	report, err := bench.Run(ctx, target, f.load, func(text string) { fmt.Fprintln(c.ErrOrStderr(), text) })
	switch {
	case errors.Is(err, bench.ErrNoProc):
		return fmt.Errorf("%w; leave --pid out", err)
	case err != nil:
		return err
	}
	if f.json {
		err = report.WriteJSON(c.OutOrStdout())
	} else {
		err = report.Write(c.OutOrStdout())
	}
	if err == nil && report.Done == 0 {
		err = fmt.Errorf("no journey came to its end, of %d", report.Failed)
	}
	return err
}

// target is the server that the flags name.
func (f *benchFlags) target() (bench.Target, error) {
	base, err := url.Parse(f.url)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return bench.Target{}, fmt.Errorf("--url %s: want the address of a server, such as http://localhost:8080", f.url)
	}
	t := bench.Target{Base: base, Contract: bench.Contract(f.contract), Origin: f.origin}
	if t.Contract == bench.Headless {
		t.Mount = f.mount
	}
	return t, nil
}

// letters is where codes come.
func (f *benchFlags) letters(ctx context.Context, base *url.URL) (bench.Letters, error) {
	switch f.mail {
	case "":
		return nil, nil
	case "dev":
		return bench.DevMailbox(base), nil
	}
	l, err := bench.ReceiveMail(ctx, f.mail)
	if err != nil {
		return nil, fmt.Errorf("--mail %s: %w", f.mail, err)
	}
	return l, nil
}

// processes reads --pid.
func processes(args []string) ([]bench.Process, error) {
	var out []bench.Process
	for _, arg := range args {
		name, text, _ := strings.Cut(arg, "=")
		pid, err := strconv.Atoi(text)
		if err != nil || pid < 1 || name == "" {
			return nil, fmt.Errorf("--pid %s: want a name and the id of a process, such as server=1234", arg)
		}
		out = append(out, bench.Process{Name: name, PID: pid})
	}
	return out, nil
}
