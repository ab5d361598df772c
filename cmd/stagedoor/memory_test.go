package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// TestMemoryIsGivenBack has a server allocate and rest.
func TestMemoryIsGivenBack(t *testing.T) {
	given := 0
	m := &memory{looks: giveBackEvery, giveBack: func() { given++ }}
	total := uint64(0)
	for i, step := range []struct {
		allocated uint64
		looks     int
		want      int
	}{
		{8 << 20, 1, 0},              // the start
		{1000, 1, 1},                 // it is over: at once
		{1000, 2 * giveBackEvery, 1}, // what does nothing has nothing to give
		{busy, 3, 1},                 // a rush
		{0, 1, 2},                    // is over, long after the last time
		{busy, 1, 2},                 // another one soon after
		{0, giveBackEvery - 1, 2},    // not yet again
		{0, 1, 3},
	} {
		for range step.looks {
			total += step.allocated
			m.look(4<<20, total)
		}
		if given != step.want {
			t.Fatalf("step %d: given back %d times, want %d", i, given, step.want)
		}
	}
}

func TestCollectorPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 6 << 20: 400, 12 << 20: 200, 24 << 20: 100, 48 << 20: 50, 1 << 40: 50} {
		if got := collectorPercent(live); got != want {
			t.Errorf("%d MiB in use: %d percent, want %d", live>>20, got, want)
		}
	}
	for live, want := range map[uint64]int64{0: 96, 20 << 20: 96, 48 << 20: 120, 100 << 20: 224} {
		if got := memoryLimit(live); got != want<<20 {
			t.Errorf("%d MiB in use: a limit of %d MiB, want %d", live>>20, got>>20, want)
		}
	}
}

// TestReleaseProgram gives back the pages of this program, which goes on.
func TestReleaseProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux gives pages of programs back")
	}
	before := residentFile(t)
	releaseProgram()
	if after := residentFile(t); after > before*3/4 {
		t.Errorf("%d kB of files resident before, %d kB after", before, after)
	}
}

// residentFile is how much of files is mapped and resident, in kB.
func residentFile(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	line, _, _ := strings.Cut(rest, " kB")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
