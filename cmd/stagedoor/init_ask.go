package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"stagedoor/transport/config"
)

// question is what init asks on a terminal.
type question struct {
	text, suggested string
	// accept takes an answer, or says what is wrong with it.
	accept func(string) error
}

// ask asks for what was not said by flags, each until the answer is good.
func (f *initFlags) ask(in *bufio.Reader, out io.Writer) error {
	origin := func(into *string) func(string) error {
		return func(text string) error {
			*into = strings.TrimSuffix(text, "/")
			return usableOrigin(*into)
		}
	}
	if f.app == "" {
		q := question{"Where are the front end's pages", "https://app.example.com", origin(&f.app)}
		if err := q.ask(in, out); err != nil {
			return err
		}
	}
	if f.api == "" {
		q := question{"Where do browsers find this server", serverBeside(f.app), origin(&f.api)}
		if err := q.ask(in, out); err != nil {
			return err
		}
	}
	if len(f.with) > 0 {
		return nil
	}
	for _, one := range allFeatures() {
		fmt.Fprintf(out, "  %-15s %s\n", one.name, one.about)
	}
	usual, _ := chosenFeatures(nil)
	return question{"What can people use", strings.Join(usual, ","), func(text string) error {
		f.with = strings.Split(text, ",")
		_, err := chosenFeatures(f.with)
		return err
	}}.ask(in, out)
}

// serverBeside suggests where the server of a front end could be.
func serverBeside(app string) string {
	if config.IsLocal(app) {
		return "http://localhost:8080"
	}
	return "https://auth." + config.Registrable(app)
}

// ask puts the question until the answer is good; an empty one is what is suggested.
func (q question) ask(in *bufio.Reader, out io.Writer) error {
	for {
		fmt.Fprintf(out, "%s? [%s] ", q.text, q.suggested)
		line, err := in.ReadString('\n')
		answer := strings.TrimSpace(line)
		if err != nil && answer == "" {
			return errors.New("no answer, and nothing was written; --app and --api say it, too")
		}
		if answer == "" {
			answer = q.suggested
		}
		wrong := q.accept(answer)
		if wrong == nil {
			return nil
		}
		fmt.Fprintf(out, "  %v\n", wrong)
	}
}
