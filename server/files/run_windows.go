package files

import (
	"context"
	"os/exec"
	"syscall"
)

// idlePriority is IDLE_PRIORITY_CLASS.
const idlePriority = 0x40

// humble prepares a program that gives way to everything else.
func humble(ctx context.Context, _, program string, args []string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: idlePriority}
	return c
}

// resting: the class says it all.
func resting() string { return "" }
