package desktoptest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestWorksLeaveNothingOfThoseWhoHaveEnded(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	gone := exec.Command("go", "version")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	mine, err := Works()
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-1", worksName, gone.Process.Pid))
	strange := filepath.Join(os.TempDir(), worksName+"x")
	for _, dir := range []string{old, strange} {
		if err := os.MkdirAll(filepath.Join(dir, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Works()
	if err != nil {
		t.Fatal(err)
	}
	for dir, stays := range map[string]bool{mine: true, again: true, strange: true, old: false} {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s stays: %v", filepath.Base(dir), err == nil)
		}
	}
}
