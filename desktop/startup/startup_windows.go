package startup

import (
	"errors"
	"strings"

	"golang.org/x/sys/windows/registry"
)

const (
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey holds what the person switched in the Task Manager: an odd first byte means off.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
	classKey    = `Software\Classes\sendjay`
	value       = "Sendjay"
)

func read(root registry.Key, path, name string) (string, error) {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = k.Close() }()
	text, _, err := k.GetStringValue(name)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	return text, err
}

// switchedOff reports what the Task Manager says.
func switchedOff(root registry.Key) bool {
	k, err := registry.OpenKey(root, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = k.Close() }()
	raw, _, err := k.GetBinaryValue(value)
	return err == nil && len(raw) > 0 && raw[0]&1 == 1
}

func (s System) atSignIn() (bool, error) {
	for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		text, err := read(root, runKey, value)
		if err != nil {
			return false, err
		}
		if text != "" && !switchedOff(root) && !(obeys(text) && s.refused()) {
			return true, nil
		}
	}
	return false, nil
}

func (s System) command() string { return `"` + s.Program + `"` }

// ours reports whether the person's entry, if there is one, starts this very program, and is the only one.
func (s System) ours() bool {
	text, err := read(registry.CURRENT_USER, runKey, value)
	if err != nil || text == "" {
		return err == nil
	}
	everybody, err := read(registry.LOCAL_MACHINE, runKey, value)
	own, _ := strings.CutSuffix(text, " --at-sign-in") // the package's way
	return err == nil && everybody == "" && strings.EqualFold(own, s.command()+" --hidden")
}

func (s System) setAtSignIn(on bool) error {
	everybody, err := read(registry.LOCAL_MACHINE, runKey, value)
	if err != nil {
		return err
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	if on && everybody == "" {
		if err := k.SetStringValue(value, s.command()+" --hidden"); err != nil {
			return err
		}
		return errors.Join(refuse(false), approve())
	}
	if err := k.DeleteValue(value); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	if err := refuse(!on); err != nil {
		return err
	}
	if still, err := s.atSignIn(); err != nil || still == on {
		return err
	}
	return ErrMachine // the Task Manager can still switch it, with the rights of an administrator
}

// approve takes back what the Task Manager was told.
func approve() error {
	k, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		return nil //nolint:nilerr // nothing was ever switched
	}
	defer func() { _ = k.Close() }()
	if err := k.DeleteValue(value); !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}

func (s System) links() error {
	if text, err := read(registry.LOCAL_MACHINE, classKey+`\shell\open\command`, ""); err != nil || text != "" {
		return err
	}
	want := s.command() + ` "%1"`
	if text, err := read(registry.CURRENT_USER, classKey+`\shell\open\command`, ""); err != nil || text == want {
		return err
	}
	for _, set := range []struct{ path, name, text string }{
		{classKey, "", "URL:Sendjay"}, {classKey, "URL Protocol", ""}, {classKey + `\shell\open\command`, "", want},
	} {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, set.path, registry.SET_VALUE)
		if err != nil {
			return err
		}
		err = k.SetStringValue(set.name, set.text)
		_ = k.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
