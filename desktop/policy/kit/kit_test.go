package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"sendjay/desktop/policy"
)

const onDisk = "../../../packaging/policy"

func made(t *testing.T) map[string][]byte {
	t.Helper()
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheKitInTheTreeIsTheOneThatIsWritten(t *testing.T) {
	all := made(t)
	found := 0
	err := fs.WalkDir(os.DirFS(onDisk), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		raw, err := os.ReadFile(filepath.Join(onDisk, name))
		if !bytes.Equal(raw, all[name]) {
			t.Errorf("%s differs: run make generate", name)
		}
		return err
	})
	if err != nil || found != len(all) {
		t.Errorf("%d files of %d: %v", found, len(all), err)
	}
	to := t.TempDir()
	if err := write(to); err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		if raw, err := os.ReadFile(filepath.Join(to, name)); err != nil || !bytes.Equal(raw, want) {
			t.Errorf("%s is not what was written: %v", name, err)
		}
	}
}

func parsed[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var v T
	if err := xml.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Whatever a template can write into the registry has to be what the desktop reads there.
func TestWhatTheTemplatesSetTheDesktopAccepts(t *testing.T) {
	d := parsed[admx](t, made(t)["sendjay.admx"])
	seen := map[string][]string{}
	for _, r := range d.Policies {
		var name string
		switch {
		case r.On != nil && r.Off != nil:
			name = r.Value
			for _, n := range []*whole{r.On, r.Off} {
				if err := policy.Check(name, float64(n.Value)); err != nil {
					t.Error(err)
				}
			}
			if policy.Check(name, "perhaps") == nil {
				t.Errorf("%s is no question of on and off", name)
			}
		case r.Enum != nil:
			name = r.Enum.Value
			var values []string
			for _, i := range r.Enum.Items {
				values = append(values, i.Value)
				if err := policy.Check(name, i.Value); err != nil {
					t.Error(err)
				}
			}
			if policy.Check(name, "perhaps") == nil || !slices.Contains(values, rowOf(t, name).Preset) {
				t.Errorf("%s is no choice of %v", name, values)
			}
		case r.Text != nil:
			name = r.Text.Value
		default:
			t.Errorf("%s sets nothing", r.Name)
		}
		for _, value := range append(rowOf(t, name).choices, rowOf(t, name).Preset) {
			if err := policy.Check(name, value); err != nil {
				t.Error(err)
			}
		}
		seen[r.Key] = append(seen[r.Key], name)
	}
	var want []string
	for _, k := range policy.Keys() {
		want = append(want, k.Name)
	}
	for _, where := range []string{`Software\Policies\Sendjay`, `Software\Policies\Sendjay\Defaults`} {
		if !slices.Equal(seen[where], want) {
			t.Errorf("%s has %v, want %v", where, seen[where], want)
		}
	}
	if len(seen) != 2 {
		t.Errorf("keys of the registry: %v", seen)
	}
}

func rowOf(t *testing.T, name string) key {
	t.Helper()
	all, err := described(policy.Keys())
	at := slices.IndexFunc(all, func(k key) bool { return k.Name == name })
	if err != nil || at < 0 {
		t.Fatalf("%s: %v", name, err)
	}
	return all[at]
}

func TestTheTemplatesSayAllInBothLanguages(t *testing.T) {
	all := made(t)
	d := parsed[admx](t, all["sendjay.admx"])
	inputs := map[string]string{} // the id of the input by its presentation
	for _, r := range d.Policies {
		if r.Enum != nil {
			inputs[r.Presentation] = r.Enum.ID
		} else if r.Text != nil {
			inputs[r.Presentation] = r.Text.ID
		}
	}
	asked := regexp.MustCompile(`\$\(string\.(\w+)\)`).FindAllSubmatch(all["sendjay.admx"], -1)
	for _, l := range languages {
		r := parsed[adml](t, all[l.code+"/sendjay.adml"])
		said := map[string]bool{}
		for _, s := range r.Strings {
			if s.Text == "" || said[s.ID] {
				t.Errorf("%s: %s is empty or there twice", l.code, s.ID)
			}
			said[s.ID] = true
		}
		used := map[string]bool{}
		for _, a := range asked {
			used[string(a[1])] = true
			if !said[string(a[1])] {
				t.Errorf("%s lacks %s", l.code, a[1])
			}
		}
		if len(used) != len(said) {
			t.Errorf("%s: %d texts, %d of them used", l.code, len(said), len(used))
		}
		if len(r.Forms) != len(inputs) {
			t.Errorf("%s: %d forms for %d inputs", l.code, len(r.Forms), len(inputs))
		}
		for _, f := range r.Forms {
			to := ""
			switch {
			case f.Box != nil:
				to = f.Box.To
			case f.Combo != nil:
				to = f.Combo.To
			case f.List != nil:
				to = f.List.To
			}
			if to == "" || inputs["$(presentation."+f.ID+")"] != to {
				t.Errorf("%s: the form %s is for %q", l.code, f.ID, to)
			}
		}
	}
}

func TestTheSchemaKnowsEveryKeyAndNoOther(t *testing.T) {
	var s struct {
		Properties map[string]struct{ Description string }
		Additional bool `json:"additionalProperties"`
	}
	s.Additional = true
	if err := json.Unmarshal(made(t)["sendjay.schema.json"], &s); err != nil {
		t.Fatal(err)
	}
	for _, k := range policy.Keys() {
		if s.Properties[k.Name].Description == "" {
			t.Errorf("nothing of %s", k.Name)
		}
	}
	if len(s.Properties) != len(policy.Keys()) || s.Additional {
		t.Errorf("%d keys for %d", len(s.Properties), len(policy.Keys()))
	}
}

func TestAKeyWithoutWordsIsFound(t *testing.T) {
	for _, keys := range [][]policy.Key{append(policy.Keys(), policy.Key{Name: "New", About: "a new one"}), policy.Keys()[1:]} {
		if _, err := described(keys); err == nil {
			t.Errorf("%d keys pass", len(keys))
		}
	}
}
