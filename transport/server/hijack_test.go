package server_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"stagedoor/transport/server"
)

// hijackDepth is how many moves the explorer makes in every order, before the owner's last
// way in and the stranger's return.
const hijackDepth = 2

// depthOf is the depth to explore to; STAGEDOOR_HIJACK, a number, says otherwise.
func depthOf(t *testing.T) int {
	set := os.Getenv("STAGEDOOR_HIJACK")
	if set == "" {
		return hijackDepth
	}
	n, err := strconv.Atoi(set)
	if err != nil {
		t.Fatalf("STAGEDOOR_HIJACK: %v", err)
	}
	return n
}

func protected(s server.Stores) server.Stores { return s }

// TestHijack has a stranger and an owner meet in every order of moves: once the owner has
// proved his address or number, no move of the stranger's opens the account.
func TestHijack(t *testing.T) {
	for _, f := range battlefields() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			e := newExplorer(t, newGround(t, f, protected), depthOf(t))
			e.run()
			t.Logf("depth %d: %d states, %d plays, %d moves, %d requests in %v", e.depth, e.states, e.games, e.made, e.requests, time.Since(began).Round(time.Millisecond))
			for _, h := range e.shortest() {
				t.Errorf("%s\n%s", h.kind(), h)
			}
		})
	}
}
