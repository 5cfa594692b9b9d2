// Command tsgen writes the words of shared/ for those who do not read Go: webui/src/gen/*.ts and
// shared/protocol/REFERENCE.md. It knows no rule; it copies tables and types.
// Run it with `go generate ./shared/...`; a test fails while the files in the tree are out of date.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	files, err := generate(root)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// findRoot returns the folder of go.mod, at or above the working folder.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod at or above the working folder")
		}
		dir = up
	}
}

// generate returns every generated file by its path below root.
func generate(root string) (map[string]string, error) {
	src, err := readSource(filepath.Join(root, "shared", "protocol"))
	if err != nil {
		return nil, err
	}
	words, err := gather(src)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"webui/src/gen/protocol.ts":    protocolTS(src, words),
		"webui/src/gen/delivery.ts":    deliveryTS(),
		"webui/src/gen/notify.ts":      notifyTS(),
		"shared/protocol/REFERENCE.md": reference(src, words),
	}, nil
}
