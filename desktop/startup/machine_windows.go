package startup

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	// ownKey is what the package writes, into HKLM or HKCU as it was installed for everybody or for one person:
	// Program, Product and what it was told; and where the person's refusal stands.
	ownKey      = `Software\Sendjay`
	defaultsKey = ownKey + `\Defaults`
	refusal     = "NotAtSignIn"
)

// obeys reports whether a command of the system is the package's, after which we end when the person refused.
func obeys(command string) bool { return strings.HasSuffix(command, " --at-sign-in") }

// refused reports whether the person turned off the start that a package has set up. For everybody, only an
// administrator could take that away, and for one person the next version would bring it back.
func (s System) refused() bool {
	text, err := read(registry.CURRENT_USER, ownKey, refusal)
	return err == nil && text == "1"
}

// refuse notes what refused reports. Without a package there is nothing to refuse.
func refuse(yes bool) error {
	if yes {
		for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
			if product, err := read(root, ownKey, "Product"); err != nil || product != "" {
				return errors.Join(err, put(registry.CURRENT_USER, ownKey, refusal, "1"))
			}
		}
		return nil
	}
	k, err := registry.OpenKey(registry.CURRENT_USER, ownKey, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	if err := k.DeleteValue(refusal); !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}

func put(root registry.Key, path, name, text string) error {
	k, _, err := registry.CreateKey(root, path, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(k.SetStringValue(name, text), k.Close())
}

var productCode = regexp.MustCompile(`^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$`)

// superseded returns the product that this person installed alone, "" unless this program is the one that is
// installed for everybody.
func (s System) superseded() (string, error) {
	everybodys, err := read(registry.LOCAL_MACHINE, ownKey, "Program")
	if err != nil || everybodys == "" || !strings.EqualFold(filepath.Clean(everybodys), filepath.Clean(s.Program)) {
		return "", err
	}
	product, err := read(registry.CURRENT_USER, ownKey, "Product")
	if err != nil || product == "" {
		return "", err
	}
	if !productCode.MatchString(product) {
		return "", fmt.Errorf("%q is no product", product)
	}
	return product, nil
}

// remove has the system remove a product without a word, and leaves the tray alone that runs.
var remove = func(product string) error {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return err
	}
	return exec.Command(filepath.Join(system, "msiexec.exe"), "/x", product, "/qn", "/norestart", "KEEPRUNNING=1", "ALLUSERS=").Run()
}

func (s System) takeOver(quit func()) error {
	product, err := s.superseded()
	if err != nil || product == "" {
		return err
	}
	// What that copy was told about its server is the person's setting by now, unless the new one was told too.
	server, err := read(registry.CURRENT_USER, defaultsKey, "Server")
	if err != nil {
		return err
	}
	quit()
	if err := remove(product); err != nil {
		return fmt.Errorf("remove the person's own copy: %w", err)
	}
	if server == "" {
		return nil
	}
	return put(registry.CURRENT_USER, defaultsKey, "Server", server)
}
