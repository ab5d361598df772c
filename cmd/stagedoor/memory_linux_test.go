package main

import (
	"slices"
	"strings"
	"testing"
)

// TestUntouched: what a dynamic linker has written to before it was locked is not given back,
// since the file has something else there.
func TestUntouched(t *testing.T) {
	const smaps = `00400000-01899000 r-xp 00000000 fe:00 10018866                           /srv/stagedoor
Size:              21092 kB
Rss:                3328 kB
Anonymous:             0 kB
01899000-030ed000 r--p 01499000 fe:00 10018866                           /srv/stagedoor
Rss:                4608 kB
Anonymous:             0 kB
030ed000-03100000 r--p 02ced000 fe:00 10018866                           /srv/stagedoor
Rss:                  76 kB
Anonymous:            76 kB
03100000-03279000 rw-p 02d00000 fe:00 10018866                           /srv/stagedoor
Anonymous:             0 kB
305669c00000-30566a800000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f4c92103000-7f4c92129000 r--p 00000000 fe:00 4711                       /usr/lib/libc.so.6
Anonymous:             0 kB
7f4c92129000-7f4c9227f000 r--p 00000000 fe:00 4712                       /usr/srv/stagedoor.old
Anonymous:             0 kB
`
	want := []region{{0x400000, 0x1899000}, {0x1899000, 0x30ed000}}
	if got := untouched(strings.NewReader(smaps), "/srv/stagedoor"); !slices.Equal(got, want) {
		t.Errorf("given back: %x, want %x", got, want)
	}
}
