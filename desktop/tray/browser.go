package main

import (
	"errors"
	"net/url"
	"os/exec"
	"runtime"
)

// browse hands an address to the system's browser, or a mail address to its mail program.
// The address may come from a message, so only schemes that merely show something pass.
func browse(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return errors.New("an address without a host")
		}
	case "mailto":
	default:
		return errors.New("not an address for a browser")
	}
	var c *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		c = exec.Command("rundll32", "url.dll,FileProtocolHandler", u.String())
	case "darwin":
		c = exec.Command("open", u.String())
	default:
		c = exec.Command("xdg-open", u.String())
	}
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }() // it ends by itself, and nobody is interested in how
	return nil
}
