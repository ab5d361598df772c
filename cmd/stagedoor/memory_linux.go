package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// releaseProgram gives back the pages of the program and of its libraries that the start has
// read: most of them are not needed again, and the others come back from their files when they
// are. Where the kernel does not do that, nothing changes.
func releaseProgram() {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var access, offset, device, inode, path string
		// The fields of proc_pid_maps(5); without a file there is no path.
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s %s %s %s %s", &from, &to, &access, &offset, &device, &inode, &path); err != nil {
			continue
		}
		if !strings.HasPrefix(access, "r") || strings.Contains(access, "w") || !strings.HasPrefix(path, "/") {
			continue // what was written to is nowhere else
		}
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
	}
}
