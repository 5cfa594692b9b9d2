package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheGeneratedFilesAreUpToDate(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || string(got) != text {
			t.Errorf("%s is out of date; run go generate ./shared/...", name)
		}
	}
}
