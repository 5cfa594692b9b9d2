package main

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// startFile hands a file to the program that Windows has for it.
func startFile(file string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	at, err := windows.UTF16PtrFromString(file)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, at, nil, nil, windows.SW_SHOWNORMAL)
}

// showFile shows a file in its folder. Explorer reads its line by rules of its own: the quotes stand inside the word.
func showFile(file string) error {
	c := exec.Command("explorer.exe")
	c.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + file + `"`}
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }() // it answers 1 also when all is well
	return nil
}
