package main

import (
	"log/slog"
	"os"
	"os/exec"
	"syscall"
)

// tie lets a tray end in good order when its watcher is ended from outside: an unwatched one would have the
// profile without the lock.
func tie(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }

func tied(*os.Process, *slog.Logger) {}
