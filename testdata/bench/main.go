// Command bench measures what stagedoor costs of the least that can be done, and prints the tables
// of the README:
//
//	go run ./testdata/bench                    # all rows against bare handlers, and the sizes
//	go run ./testdata/bench --row config       # one of them
//	go run ./testdata/bench --update README.md # and put them into the README
//	go run ./testdata/bench --peer allauth=http://127.0.0.1:8101,pid=4711 --peers
//
// It starts a redis-server, itself as a server of bare handlers, and a stagedoor built from the
// checkout, and ends them. The rows that are ratios alternate slices of a quarter of a second on
// both sides and take the median of the ratios of neighbours, so that what else the machine does
// falls on both; time on processors is counted of the servers and of Redis, from /proc. It wants
// Linux, Redis, and PostgreSQL for one row.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"stagedoor/transport/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// run carries out a command line.
func run(ctx context.Context, args []string) error {
	if len(args) == 3 && args[0] == "serve" {
		return serveBare(ctx, args[1], args[2])
	}
	var (
		o           options
		names       []string
		peers       []string
		only        bool
		p           = printer{out: os.Stdout}
		pairs, list = bench.UsualPairs, false
		flags       = pflag.NewFlagSet("bench", pflag.ContinueOnError)
	)
	flags.StringArrayVar(&names, "row", nil, "measure this row only; may be repeated")
	flags.BoolVar(&list, "list", false, "list the rows")
	flags.IntVar(&pairs, "pairs", pairs, "how many pairs of slices a ratio is made of")
	flags.DurationVar(&o.pairing.Slice, "slice", bench.UsualSlice, "how long a slice is")
	flags.IntVar(&o.runs, "runs", 20000, "how many sign-ins are left waiting to see how large one is")
	flags.StringArrayVar(&peers, "peer", nil, "`NAME=URL,pid=ID+ID` of a running server to compare with: allauth, kratos or hanko; may be repeated")
	flags.BoolVar(&only, "peers", false, "only the rows of peers")
	flags.IntVar(&o.rounds, "rounds", 5, "how often a journey is walked on each server, in turn")
	flags.IntVar(&o.seconds, "seconds", 3, "how long each time")
	flags.BoolVar(&p.json, "json", false, "print a JSON object for each row, durations in nanoseconds")
	flags.StringVar(&p.update, "update", "", "a Markdown `FILE` whose rows are replaced")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.pairing.Pairs = pairs
	for _, arg := range peers {
		one, err := readPeer(arg)
		if err != nil {
			return err
		}
		o.peers = append(o.peers, one)
	}
	if list {
		for _, t := range tables() {
			for _, r := range t.rows {
				fmt.Printf("%-18s %s\n", r.key, r.what)
			}
		}
		return nil
	}
	chosen, err := choose(tables(), names, o.peers, only)
	if err != nil {
		return err
	}
	b, err := newBed(ctx, func(text string) { fmt.Fprintln(os.Stderr, text) })
	if err != nil {
		return err
	}
	defer b.close()
	return measure(b, chosen, o, &p)
}

// choose takes the rows of names, or all that can be measured.
func choose(all []table, names []string, peers []peer, only bool) ([]table, error) {
	var out []table
	found := 0
	for i, t := range all {
		if of := i == len(all)-1; len(names) == 0 && of {
			t.rows = named(t.rows, peers)
		} else if only && !of {
			t.rows = nil
		}
		if t.rows = rowsOf(t.rows, names); len(t.rows) > 0 {
			out = append(out, t)
		}
		found += len(t.rows)
	}
	if len(names) > 0 && found < len(names) || found == 0 {
		var every []row
		for _, t := range all {
			every = append(every, t.rows...)
		}
		return nil, fmt.Errorf("%d of %d rows are there; there are %s", found, len(names), keys(every))
	}
	return out, nil
}

// measure measures rows and prints them. A row that cannot be measured is told, and does not
// end the others.
func measure(b *bed, chosen []table, o options, p *printer) error {
	var failed error
	for _, t := range chosen {
		p.table(t)
		for _, r := range t.rows {
			f, err := r.measure(b, o)
			if err == nil {
				err = p.row(r, f)
			}
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", r.key, err))
			}
		}
	}
	return failed
}
