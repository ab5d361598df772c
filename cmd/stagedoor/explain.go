package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"stagedoor/engine/explain"
	"stagedoor/transport/server"
)

// explaining is what the command line of explain asks for.
type explaining struct {
	run, user  string
	file       string
	url, token string
	limit      int
	asJSON     bool
}

func explainCommand() *cobra.Command {
	var e explaining
	c := &cobra.Command{
		Use:   "explain [RUN or PENDING ID]",
		Short: "Say why a run asked or passed over each stage, and where it is now",
		Long: `Say why a run asked or passed over each stage, and where it is now.

RUN is the id of a run, as the server's log has it; --user takes the latest runs of an
account instead. They are read from the database that the configuration names, or from a
running server (--url) that has an admin.token.

The id of a stage that waits on the wire, such as mfa_authenticate, says why runs come
there or are led past it, what is wanted, and how they go on.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				e.run = args[0]
			}
			return e.answer(c)
		},
	}
	c.Flags().StringVar(&e.user, "user", "", "the account by its id, address, phone number or username")
	c.Flags().StringVar(&e.file, "config", "", "the configuration whose database is read; the development one if left out")
	c.Flags().StringVar(&e.url, "url", "", "a running server to ask, such as https://auth.example.com")
	c.Flags().StringVar(&e.token, "token", "", "the server's admin.token; STAGEDOOR_ADMIN__TOKEN if left out")
	c.Flags().IntVar(&e.limit, "limit", 5, "how many runs of a user at most, the latest first")
	c.Flags().BoolVar(&e.asJSON, "json", false, "print JSON")
	return c
}

// answer finds the runs and prints them.
func (e explaining) answer(c *cobra.Command) error {
	switch {
	case e.run != "" && e.user != "":
		return errors.New("a run and --user: give one of them")
	case e.run == "" && e.user == "":
		return errors.New("nothing to explain: give the id of a run, or --user")
	case e.limit < 1:
		return fmt.Errorf("--limit %d: a number from 1", e.limit)
	case e.url != "" && e.file != "":
		return errors.New("--url and --config: the runs are read from one place")
	}
	if e.run != "" && e.url == "" {
		if done, err := e.place(c); done || err != nil {
			return err
		}
	}
	find := e.read
	if e.url != "" {
		find = e.ask
	}
	list, err := find(c.Context())
	if err != nil {
		return err
	}
	return e.print(c.OutOrStdout(), list)
}

// place explains an id of the wire, and reports whether it is one. An id that is neither
// that nor looks like a run's is answered with what is near.
func (e explaining) place(c *cobra.Command) (bool, error) {
	const runID = 22 // letters
	cfg, err := configOf(e.file)
	if err != nil {
		return false, err
	}
	p, err := lookup(cfg, e.run, c.ErrOrStderr())
	switch {
	case errors.Is(err, errUnknown):
		if len(e.run) == runID || len(nearest(e.run, p.names())) == 0 {
			return false, nil
		}
		return false, err
	case err != nil:
		return false, err
	}
	x, err := server.Check(p.cfg, server.Options{})
	if err != nil {
		return false, err
	}
	place := explain.Waiting(p.graphs, x.Reasons, e.run)
	if len(place.Stages) == 0 {
		place = explain.WaitingIn(*p.flow, x.Reasons)
	}
	if e.asJSON {
		return true, writeJSON(c.OutOrStdout(), place)
	}
	_, err = fmt.Fprint(c.OutOrStdout(), place)
	return true, err
}

// read reads the database of a configuration.
func (e explaining) read(ctx context.Context) ([]explain.Explanation, error) {
	cfg, err := configOf(e.file)
	if err != nil {
		return nil, err
	}
	x, err := server.OpenExplainer(ctx, cfg, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	if e.user != "" {
		return x.User(ctx, e.user, e.limit)
	}
	one, err := x.Run(ctx, e.run)
	return []explain.Explanation{one}, err
}

// ask asks a running server.
func (e explaining) ask(ctx context.Context) ([]explain.Explanation, error) {
	if e.user == "" {
		one := make([]explain.Explanation, 1)
		body, err := askAdmin(ctx, e.url, e.token, "/runs/"+url.PathEscape(e.run))
		if err == nil {
			err = json.Unmarshal(body, &one[0])
		}
		return one, err
	}
	var many struct {
		Runs []explain.Explanation `json:"runs"`
	}
	body, err := askAdmin(ctx, e.url, e.token, "/users/"+url.PathEscape(e.user)+"/runs?limit="+strconv.Itoa(e.limit))
	if err == nil {
		err = json.Unmarshal(body, &many)
	}
	return many.Runs, err
}

// print writes the explanations, for people or for programs.
func (e explaining) print(out io.Writer, list []explain.Explanation) error {
	if e.asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if e.user == "" {
			return enc.Encode(list[0])
		}
		return enc.Encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "no runs are kept of this account")
		return err
	}
	for i, x := range list {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if _, err := fmt.Fprint(out, x); err != nil {
			return err
		}
	}
	return nil
}
