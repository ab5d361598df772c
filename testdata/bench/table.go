package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// table is one of the README's.
type table struct {
	// head names its columns.
	head []string
	rows []row
}

// tables are all of them.
func tables() []table {
	return []table{
		{[]string{"the same work", "of what", "requests/s", "CPU", "CPU, µs a request", "wanted of CPU"}, ratioRows()},
		{[]string{"what", "of what", "stagedoor", "the other", "wanted"}, sizeRows()},
		{[]string{"journey", "of what", "CPU, µs a journey", "CPU of the peer, times stagedoor's", "wanted"}, peerRows()},
	}
}

// cells are those of a row, with figures in the middle.
func (r row) cells(f figures) []string {
	out := append([]string{r.what, r.of}, f.cells...)
	return append(out, r.wanted)
}

// line is a line of a table in Markdown.
func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

// markdown is the head of a table in Markdown.
func (t table) markdown() string {
	return line(t.head) + "\n|" + strings.Repeat("---|", len(t.head)) + "\n"
}

// printer prints rows as they are measured.
type printer struct {
	out  io.Writer
	json bool
	// update is a Markdown file whose lines of the same rows are replaced.
	update string
	begun  bool
}

// table begins a table.
func (p *printer) table(t table) {
	if p.json {
		return
	}
	if p.begun {
		fmt.Fprintln(p.out)
	}
	p.begun = true
	fmt.Fprint(p.out, t.markdown())
}

// row prints a row.
func (p *printer) row(r row, f figures) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(map[string]any{"row": r.key, "what": r.what, "of": r.of, "wanted": r.wanted, "cells": f.cells, "figures": f.raw})
	}
	fmt.Fprintln(p.out, line(r.cells(f)))
	if p.update == "" {
		return nil
	}
	text, err := os.ReadFile(p.update)
	if err != nil {
		return err
	}
	changed, err := replaced(string(text), r, f)
	if err != nil {
		return fmt.Errorf("%s: %w", p.update, err)
	}
	return os.WriteFile(p.update, []byte(changed), 0o644)
}

// replaced puts figures into the row of a table in a text.
func replaced(text string, r row, f figures) (string, error) {
	begin := "\n| " + r.what + " | " + r.of + " |"
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return "", errors.New("it has no row " + strings.TrimSpace(begin))
	}
	if strings.Contains(rest, begin) {
		return "", errors.New("it has two rows " + strings.TrimSpace(begin))
	}
	_, after, _ := strings.Cut(rest, "\n")
	return before + "\n" + line(r.cells(f)) + "\n" + after, nil
}
