package startup

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// entryName is the desktop file, for the start at sign-in and for links alike. A file of the same name in the
// person's folder hides the one of a package: https://specifications.freedesktop.org/autostart-spec/latest/
const (
	entryName = "sendjay.desktop"
	scheme    = "x-scheme-handler/sendjay"
)

// dir returns the folder that env names, or else one below the home.
func dir(env, below string) (string, error) {
	if at := os.Getenv(env); filepath.IsAbs(at) {
		return at, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, below), nil
}

// dirs returns the folders of packages that env names, or else these.
func dirs(env, preset string) []string {
	all := os.Getenv(env)
	if all == "" {
		all = preset
	}
	return filepath.SplitList(all)
}

func mine() (string, error) {
	config, err := dir("XDG_CONFIG_HOME", ".config")
	return filepath.Join(config, "autostart", entryName), err
}

// packaged returns what packages have put at path below the folders that env names, nil for nothing.
func packaged(env, preset, path string) ([]byte, error) {
	for _, d := range dirs(env, preset) {
		raw, err := os.ReadFile(filepath.Join(d, path))
		if !errors.Is(err, fs.ErrNotExist) {
			return raw, err
		}
	}
	return nil, nil
}

func forAll() ([]byte, error) {
	return packaged("XDG_CONFIG_DIRS", "/etc/xdg", filepath.Join("autostart", entryName))
}

func (s System) atSignIn() (bool, error) {
	at, err := mine()
	if err != nil {
		return false, err
	}
	raw, err := os.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = forAll()
	}
	return starts(raw), err
}

// starts reports whether an entry starts something.
func starts(raw []byte) bool {
	there := false
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		switch key, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), "="); {
		case key == "Exec":
			there = true
		case key == "Hidden" && value == "true", key == "X-GNOME-Autostart-enabled" && value == "false":
			return false
		}
	}
	return there
}

// ours reports whether the person's entry, if there is one, starts this very program.
func (s System) ours() bool {
	at, err := mine()
	if err != nil {
		return false
	}
	raw, err := os.ReadFile(at)
	return errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(raw, s.signInEntry())
}

func (s System) setAtSignIn(on bool) error {
	at, err := mine()
	if err != nil {
		return err
	}
	all, err := forAll()
	if err != nil {
		return err
	}
	switch everybody := starts(all); {
	case on && !everybody:
		return write(at, s.signInEntry())
	case !on && everybody:
		return write(at, []byte("[Desktop Entry]\nType=Application\nName=Sendjay\nHidden=true\n"))
	}
	if err := os.Remove(at); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s System) signInEntry() []byte {
	return []byte("[Desktop Entry]\nType=Application\nName=Sendjay\nExec=" + quote(s.Program) + " --hidden\nIcon=sendjay\nTerminal=false\nX-GNOME-Autostart-enabled=true\n")
}

func (s System) links() error {
	if raw, err := packaged("XDG_DATA_DIRS", "/usr/local/share:/usr/share", filepath.Join("applications", entryName)); err != nil || raw != nil {
		return err
	}
	data, err := dir("XDG_DATA_HOME", filepath.Join(".local", "share"))
	if err != nil {
		return err
	}
	folder := filepath.Join(data, "applications")
	entry := []byte("[Desktop Entry]\nType=Application\nName=Sendjay\nExec=" + quote(s.Program) + " %u\nIcon=sendjay\nTerminal=false\n" +
		"StartupWMClass=sendjay\nCategories=Network;InstantMessaging;\nMimeType=" + scheme + ";\n")
	at := filepath.Join(folder, entryName)
	if raw, err := os.ReadFile(at); err == nil && bytes.Equal(raw, entry) {
		return nil
	}
	if err := write(at, entry); err != nil {
		return err
	}
	// Both are there on every desktop; without them the entry is found when the desktop looks again.
	for _, c := range [][]string{{"xdg-mime", "default", entryName, scheme}, {"update-desktop-database", folder}} {
		if err := exec.Command(c[0], c[1:]...).Run(); err != nil && !errors.Is(err, exec.ErrNotFound) {
			return err
		}
	}
	return nil
}

// quote writes a path as an Exec line wants it.
func quote(path string) string {
	inside := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(path)
	return strings.NewReplacer(`\`, `\\`, `%`, `%%`).Replace(`"` + inside + `"`)
}

// write replaces the file as a whole.
func write(at string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(at+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(at+".new", at)
}
