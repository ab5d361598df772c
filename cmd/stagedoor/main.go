// Command stagedoor is an authentication server: every flow is a graph of stages that
// one small engine runs.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out a command line and returns the exit status: 0, or 1 for any failure.
// SIGINT and SIGTERM ask what runs to come to its end; a second one ends it at once.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := command()
	root.SetArgs(runIDsLast(args))
	root.SetOut(out)
	root.SetErr(errs)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(errs, "stagedoor: %v\n", err)
		return 1
	}
	return 0
}

// runIDsLast puts ids of runs that begin with a hyphen behind all flags, where they are not
// taken for some: an id is 16 bytes in unpadded base64url, whose last character has only
// two bits to choose.
func runIDsLast(args []string) []string {
	id := regexp.MustCompile(`^-[A-Za-z0-9_-]{20}[AQgw]$`)
	if slices.Contains(args, "--") || !slices.ContainsFunc(args, id.MatchString) {
		return args
	}
	var flags, ids []string
	for _, a := range args {
		if id.MatchString(a) {
			ids = append(ids, a)
		} else {
			flags = append(flags, a)
		}
	}
	return slices.Concat(flags, []string{"--"}, ids)
}
