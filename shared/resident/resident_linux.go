// Package resident gives back those pages of the program's own file that only its start has needed.
// It knows how the system lists a process's memory; it does not know what the program does.
package resident

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Trim unmaps what the program has read of itself so far: code and constants that are used come back at their next
// use, from the page cache, and the rest no longer counts as memory of this process. Of tens of MiB that opening the
// tables of a database, reading time zones and filling tables of codings touch, a few are ever used again. It costs
// some hundred faults, each of a microsecond. What goes wrong costs nothing, so there is no error.
func Trim() { trim("r-xp", "r--p") }

// TrimCode leaves the constants: a server needs most of them again with the first who come, where they would count as
// memory of the connections.
func TrimCode() { trim("r-xp") }

func trim(rights ...string) {
	own, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if from, length, ok := unchanged(lines.Text(), own, rights...); ok {
			// The address is no Go pointer and nothing of Go's lives there, so no unsafe view of it is needed.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, length, unix.MADV_DONTNEED)
		}
	}
}

// unchanged reads a line of proc(5)'s maps: a range of file with one of these rights. Without the one to write all of it
// stands in the file.
func unchanged(line, file string, rights ...string) (from, length uintptr, ok bool) {
	f := strings.Fields(line)
	if len(f) < 6 || !slices.Contains(rights, f[1]) || strings.Join(f[5:], " ") != file {
		return 0, 0, false
	}
	a, b, _ := strings.Cut(f[0], "-")
	start, err := strconv.ParseUint(a, 16, 64)
	end, err2 := strconv.ParseUint(b, 16, 64)
	if err != nil || err2 != nil || start >= end {
		return 0, 0, false
	}
	return uintptr(start), uintptr(end - start), true
}
