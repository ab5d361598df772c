package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

const userLong = `Look after accounts, past every flow: in the database that the configuration names.
Servers that run on it need not be stopped.

USER is an id, a mail address, a number (+ and digits) or a username.`

func userCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "user", Short: "Look after accounts", Long: userLong, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&file, "config", "", "the configuration whose database it is; the development one if left out")
	c.AddCommand(
		userAddCommand(&file),
		onUser(&file, "show", "Print what is known of an account",
			func(ctx context.Context, p *server.Operator, who string, out io.Writer) error {
				return p.Show(ctx, who, out)
			}),
		onUser(&file, "disable", "Keep somebody out: no sign-in, and every session ends",
			func(ctx context.Context, p *server.Operator, who string, out io.Writer) error {
				name, err := p.SetActive(ctx, who, false)
				return said(out, name, "is disabled, and signed out everywhere", err)
			}),
		onUser(&file, "enable", "Let somebody in again",
			func(ctx context.Context, p *server.Operator, who string, out io.Writer) error {
				name, err := p.SetActive(ctx, who, true)
				return said(out, name, "is enabled", err)
			}),
		onUser(&file, "sign-out", "End every session of an account",
			func(ctx context.Context, p *server.Operator, who string, out io.Writer) error {
				name, err := p.SignOut(ctx, who)
				return said(out, name, "is signed out everywhere", err)
			}),
		onUser(&file, "remove-factors", "Take all second factors and passkeys from an account, and end its sessions",
			func(ctx context.Context, p *server.Operator, who string, out io.Writer) error {
				name, err := p.RemoveFactors(ctx, who)
				return said(out, name, "has no authenticators left, and is signed out everywhere", err)
			}),
	)
	return c
}

// configOf reads the configuration of a command that works on a database.
func configOf(file string) (config.Config, error) {
	if file == "" {
		return config.LoadOver(config.Dev(), "", os.Environ())
	}
	return config.Load(file, os.Environ())
}

// onUser is a command about one account.
func onUser(file *string, name, short string, do func(ctx context.Context, p *server.Operator, who string, out io.Writer) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " USER", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := configOf(*file)
			if err != nil {
				return err
			}
			p, err := server.OpenOperator(c.Context(), cfg, server.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				return err
			}
			defer p.Close()
			return do(c.Context(), p, args[0], c.OutOrStdout())
		},
	}
}

// said tells what was done to an account.
func said(out io.Writer, name, what string, err error) error {
	if err == nil {
		_, err = fmt.Fprintf(out, "%s %s\n", name, what)
	}
	return err
}

// adding is what the command line of user add asks for.
type adding struct {
	server.NewAccount
	unverified, password bool
}

func userAddCommand(file *string) *cobra.Command {
	var n adding
	c := &cobra.Command{
		Use: "add", Short: "Make an account", Args: cobra.NoArgs,
		Long: `Make an account. Without --password-stdin it has no password: the person sets one by a
password reset, which goes to the address.`,
		RunE: func(c *cobra.Command, _ []string) error { return n.add(c, *file) },
	}
	c.Flags().StringVar((*string)(&n.ID), "id", "", "its id: a number or a text without spaces, 64 characters at most; drawn if left out")
	c.Flags().StringVar(&n.Email, "email", "", "its mail address")
	c.Flags().StringVar(&n.Phone, "phone", "", "its number, + and digits")
	c.Flags().StringVar(&n.Username, "username", "", "its username; made of the address if left out")
	c.Flags().BoolVar(&n.unverified, "unverified", false, "address and number are still to be verified")
	c.Flags().BoolVar(&n.password, "password-stdin", false, "read the password from standard input, its first line")
	return c
}

func (n adding) add(c *cobra.Command, file string) error {
	if n.Email == "" && n.Phone == "" && n.Username == "" {
		return errors.New("nothing to call the account by: give --email, --phone or --username")
	}
	if n.password {
		line, err := bufio.NewReader(c.InOrStdin()).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n.Password = strings.TrimRight(line, "\r\n"); n.Password == "" {
			return errors.New("--password-stdin: standard input has no password")
		}
	}
	n.EmailVerified, n.PhoneVerified = !n.unverified, !n.unverified
	cfg, err := configOf(file)
	if err != nil {
		return err
	}
	s, err := server.Open(c.Context(), cfg, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	made, err := s.AddAccount(c.Context(), n.NewAccount)
	if err = errors.Join(err, s.Close(c.Context())); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", made.ID)
	return err
}
