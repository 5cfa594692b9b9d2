package main

import (
	"log/slog"
	"os"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// handlerKey is where Windows looks up who opens sendjay: addresses: a click on a notification is one.
const handlerKey = `Software\Classes\sendjay`

// handleLinks makes this program the one that opens sendjay: addresses, for this person, unless an installed one that
// is still there does so already.
func handleLinks(log *slog.Logger) {
	self, err := os.Executable()
	if err != nil || handled(registry.LOCAL_MACHINE) || handled(registry.CURRENT_USER) {
		return
	}
	for key, values := range map[string]map[string]string{
		handlerKey:                         {"": "URL:Sendjay", "URL Protocol": ""},
		handlerKey + `\shell\open\command`: {"": `"` + self + `" "%1"`},
	} {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
		if err == nil {
			for name, value := range values {
				if err == nil {
					err = k.SetStringValue(name, value)
				}
			}
			_ = k.Close()
		}
		if err != nil {
			log.Warn("sendjay: addresses, and so clicks on notifications, do not come to this program", "error", err)
			return
		}
	}
}

// handled reports whether the command that is registered leads to a program.
func handled(root registry.Key) bool {
	k, err := registry.OpenKey(root, handlerKey+`\shell\open\command`, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = k.Close() }()
	command, _, err := k.GetStringValue("")
	if err != nil {
		return false
	}
	program, _, _ := strings.Cut(strings.TrimPrefix(command, `"`), `"`)
	_, err = os.Stat(program)
	return err == nil
}
