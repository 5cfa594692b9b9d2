//go:build unix

package files

import (
	"context"
	"fmt"
	"os/exec"
)

// The bounds of a program that looks at what somebody sent: memory in KiB, time of the processor in seconds, and what it
// may write to a disk, in blocks.
const (
	mostMemory = 2 << 20
	mostTime   = 50
	mostWrites = 0
)

// humble prepares a program that gives way to everything else. Not every system knows every bound.
func humble(ctx context.Context, program string, args []string) *exec.Cmd {
	bounds := fmt.Sprintf(`ulimit -t %d; ulimit -v %d 2>/dev/null; ulimit -f %d; ulimit -c 0; exec nice -n 19 "$0" "$@"`, mostTime, mostMemory, mostWrites)
	return exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", bounds, program}, args...)...)
}
