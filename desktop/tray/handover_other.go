//go:build !linux && !windows

package main

import "os/exec"

func startFile(file string) error { return exec.Command("open", file).Run() }

func showFile(file string) error { return exec.Command("open", "-R", file).Run() }
