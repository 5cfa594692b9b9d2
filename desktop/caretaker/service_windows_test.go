package caretaker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// Cross-compiled and run by wine these tests see that the rights are understood, not that they are kept.

func TestWhoeverSitsHereMayTalkAndNotPutUpADoorOfTheSameName(t *testing.T) {
	const createInstance = windows.FILE_APPEND_DATA // that is what it means for a pipe
	if mayTalk&createInstance != 0 {
		t.Error("a person may answer in the service's place")
	}
	if _, err := winio.SddlToSecurityDescriptor(doorRights()); err != nil {
		t.Error(err)
	}
}

func TestTheFolderOfTheServiceIsAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "update")
	for range 2 { // made, and found
		if err := ownFolder(dir); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "update")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if ownFolder(file) == nil {
		t.Error("a file will do")
	}
}

func TestOnlyTheServiceOfThisVeryCopyIsAsked(t *testing.T) {
	if there, _ := reach(filepath.Join(t.TempDir(), "sendjay.exe")); there() {
		t.Error("another copy's would do")
	}
}
