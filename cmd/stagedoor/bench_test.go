package main

import "testing"

// TestBench vets and tests the program that compares with bare handlers, which ./... does not reach.
func TestBench(t *testing.T) {
	t.Parallel()
	goIn(t, root, "vet", "./testdata/bench")
	goIn(t, root, "test", "./testdata/bench")
}
