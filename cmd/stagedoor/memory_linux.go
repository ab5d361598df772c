package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// releaseProgram gives back the pages of the program itself that the start has read: most of
// them are not needed again, and the others come back from the file when they are. Where the
// kernel does not do that, nothing changes.
func releaseProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	for _, r := range untouched(maps, program) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, r.from, r.to-r.from, syscall.MADV_DONTNEED)
	}
}

// region is a range of addresses.
type region struct{ from, to uintptr }

// untouched finds in the text of /proc/PID/smaps (proc_pid_smaps(5)) what is mapped of a file,
// is as it is in the file and will stay so. What may not be written to now is not enough for
// that: a dynamic linker has written to tables before it locked them.
func untouched(smaps io.Reader, file string) []region {
	var out []region
	var r region
	ofFile := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var from, to uintptr
		var access string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &access); n == 3 {
			r = region{from, to}
			ofFile = access[0] == 'r' && access[1] == '-' && strings.HasSuffix(line, " "+file)
			continue
		}
		var changed int
		if n, _ := fmt.Sscanf(line, "Anonymous: %d kB", &changed); n == 1 && changed == 0 && ofFile {
			out = append(out, r)
		}
	}
	return out
}
