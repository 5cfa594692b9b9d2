package policy

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// place holds IT's decisions as values; its key Defaults holds what is only recommended.
const place = `Software\Policies\Sendjay`

// installed holds what the package was told when it was installed. It is no more than a recommendation, and where
// a person may write too: the key of policies is closed to packages that one person installs.
const installed = `Software\Sendjay\Defaults`

// decided reads the policies of the person and then of the machine, which outweighs it.
func decided(managed bool) (map[string]string, error) {
	paths := []string{place}
	if !managed {
		paths = []string{installed, place + `\Defaults`}
	}
	all := map[string]string{}
	var errs []error
	for _, path := range paths {
		for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
			errs = append(errs, readKey(root, path, all))
		}
	}
	return all, errors.Join(errs...)
}

// decidedForAll reads the decisions that a person has no part in.
func decidedForAll() (map[string]string, error) {
	all := map[string]string{}
	return all, readKey(registry.LOCAL_MACHINE, place, all)
}

func readKey(root registry.Key, path string, into map[string]string) error {
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return nil //nolint:nilerr // no policy is the usual case
	}
	defer func() { _ = key.Close() }()
	names, err := key.ReadValueNames(0)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		var value any
		if text, _, err := key.GetStringValue(name); err == nil {
			value = text
		} else if n, _, err := key.GetIntegerValue(name); err == nil {
			value = float64(n)
		}
		text, err := check(name, value)
		if err != nil {
			errs = append(errs, fmt.Errorf("registry %s: %w", path, err))
			continue
		}
		into[name] = text
	}
	return errors.Join(errs...)
}
