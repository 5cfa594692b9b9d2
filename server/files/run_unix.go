//go:build unix

package files

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
)

// The bounds of a program that looks at what somebody sent: memory in KiB, time of the processor in seconds, and what it
// may write to a disk, in blocks.
const (
	mostMemory = 2 << 20
	mostTime   = 50
	mostWrites = 0
)

// resting is how this machine starts a program that runs, and reads, only while nothing else does: with its least
// priority a program still keeps others waiting now and then. "" where there is no such way.
var resting = sync.OnceValue(func() string {
	way := ""
	for _, one := range []string{"ionice -c 3 ", "chrt -i 0 "} {
		if exec.Command("/bin/sh", "-c", one+"true").Run() == nil {
			way += one
		}
	}
	return way
})

// humble prepares a program that gives way to everything else. Not every system knows every bound.
func humble(ctx context.Context, way, program string, args []string) *exec.Cmd {
	bounds := fmt.Sprintf(`ulimit -t %d; ulimit -v %d 2>/dev/null; ulimit -f %d; ulimit -c 0; exec nice -n 19 %s"$0" "$@"`, mostTime, mostMemory, mostWrites, way)
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", bounds, program}, args...)...)
}
