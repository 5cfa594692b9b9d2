//go:build !windows

package download

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Folder returns where this person's downloads go, as the desktop says in user-dirs.dirs
// (https://www.freedesktop.org/wiki/Software/xdg-user-dirs/).
func Folder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	usual := filepath.Join(home, "Downloads")
	if runtime.GOOS == "darwin" {
		return usual, nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return usual, nil //nolint:nilerr // a desktop without settings has the usual folder
	}
	f, err := os.Open(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return usual, nil //nolint:nilerr // as above
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		value, is := strings.CutPrefix(strings.TrimSpace(lines.Text()), "XDG_DOWNLOAD_DIR=")
		if !is {
			continue
		}
		value = strings.Trim(value, `"`)
		if rest, below := strings.CutPrefix(value, "$HOME/"); below {
			value = filepath.Join(home, rest)
		}
		if filepath.IsAbs(value) && filepath.Clean(value) != filepath.Clean(home) {
			return filepath.Clean(value), nil
		}
	}
	return usual, nil
}

// fromElsewhere would note where a file is from; here nothing asks for that.
func fromElsewhere(string) {}
