//go:build !linux && !windows

package main

import (
	"log/slog"
	"os"
	"os/exec"
)

func tie(*exec.Cmd) {}

func tied(*os.Process, *slog.Logger) {}
