package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"sendjay/desktop/engine"
)

// Cross-compiled and run by wine this changes the registry of wine's prefix alone.

func TestTheEnginesOfAComputerAreFound(t *testing.T) {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		t.Fatal(err)
	}
	library, err := os.ReadFile(filepath.Join(system, "kernel32.dll")) // any that has a version
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lay := func(path string, raw []byte) string {
		dir := filepath.Join(dir, path)
		file := filepath.Join(dir, "EBWebView", "x64", "EmbeddedBrowserWebView.dll")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	now, left := lay(`Application\151.0.0.1`, library), lay(`Application\150.0.0.1`, library)
	lay(`Application\SetupMetrics`, library)
	lay(`Application\149.0.0.1`, []byte("half of it"))
	one, other := lay(`fixed\one`, library), lay(`fixed\한글`, library)
	lay(`fixed\broken`, nil)

	key, _, err := registry.CreateKey(registry.CURRENT_USER, evergreenKey, registry.SET_VALUE|registry.WOW64_32KEY)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.DeleteKey(registry.CURRENT_USER, evergreenKey) })
	set := func(folder string) {
		if err := key.SetStringValue("EBWebView", folder); err != nil {
			t.Fatal(err)
		}
	}
	set(now)
	for folder, want := range map[string][]string{
		"": nil, filepath.Join(dir, "fixed"): {one, other}, one: {one}, filepath.Join(dir, "none"): nil, filepath.Join(dir, "fixed", "broken"): nil,
	} {
		got := map[engine.Kind][]string{}
		for _, f := range foundEngines(folder) {
			got[f.Kind] = append(got[f.Kind], f.Folder)
			if f.Version[0] == 0 {
				t.Errorf("%s is of version %v", f.Folder, f.Version)
			}
		}
		slices.Sort(got[engine.Fixed])
		slices.Sort(want)
		if !slices.Equal(got[engine.Evergreen], []string{now}) || !slices.Equal(got[engine.Left], []string{left}) || !slices.Equal(got[engine.Fixed], want) {
			t.Errorf("with %q: %v", folder, got)
		}
	}
	set(filepath.Join(dir, "gone", "151.0.0.1"))
	if got := foundEngines(one); len(got) != 1 || got[0].Kind != engine.Fixed {
		t.Errorf("when the evergreen is gone: %v", got)
	}
}
