package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// folder holds managed/*.json and recommended/*.json. Every file counts, in the order of names.
const folder = "/etc/sendjay/policies"

// read returns what the files of one kind say. What is wrong is an error; the rest counts.
func read(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	all := map[string]string{}
	var errs []error
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var file map[string]any
		if err := json.Unmarshal(raw, &file); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		for key, value := range file {
			text, err := check(key, value)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
				continue
			}
			all[key] = text
		}
	}
	return all, errors.Join(errs...)
}

// check returns value as text if key exists and may hold it.
func check(key string, value any) (string, error) {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return "", fmt.Errorf("%s: want a text, a number, true or false", key)
	}
	for _, one := range settings {
		if one.key == key && key != "" {
			var scratch Settings
			if err := one.set(&scratch, text); err != nil {
				return "", fmt.Errorf("%s: %w", key, err)
			}
			return text, nil
		}
	}
	return "", fmt.Errorf("%s: unknown key", key)
}

// Key is a setting that IT can decide.
type Key struct{ Name, Preset, About string }

// Keys are all of them, in the order in which they are told.
func Keys() []Key {
	var all []Key
	for _, one := range settings {
		if one.key != "" {
			all = append(all, Key{one.key, one.preset, one.about})
		}
	}
	return all
}

// Check says what is wrong with a value that IT gives a key: a text, a number as float64, true or false.
func Check(key string, value any) error {
	_, err := check(key, value)
	return err
}
