package main

import (
	"context"
	"net/url"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// handWithin bounds a file manager that has to start first.
const handWithin = 10 * time.Second

// startFile hands a file to the program that the desktop has for it.
func startFile(file string) error { return handOver(file) }

// showFile shows a file in its folder: by the desktop's file manager, which marks it, else the folder alone.
func showFile(file string) error {
	conn, err := dbus.ConnectSessionBus()
	if err == nil {
		defer func() { _ = conn.Close() }()
		ctx, stop := context.WithTimeout(context.Background(), handWithin)
		defer stop()
		at := (&url.URL{Scheme: "file", Path: file}).String()
		err = conn.Object("org.freedesktop.FileManager1", "/org/freedesktop/FileManager1").
			CallWithContext(ctx, "org.freedesktop.FileManager1.ShowItems", 0, []string{at}, "").Err
	}
	if err != nil {
		return handOver(filepath.Dir(file))
	}
	return nil
}

func handOver(path string) error {
	c := exec.Command("xdg-open", path)
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }() // it ends by itself, and nobody is interested in how
	return nil
}
