package startup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// alone gives the test a home and folders of packages of its own.
func alone(t *testing.T) (config, machine, data string) {
	t.Helper()
	home := t.TempDir()
	for env, below := range map[string]string{
		"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CONFIG_DIRS": "etc", "XDG_DATA_DIRS": "share",
	} {
		t.Setenv(env, filepath.Join(home, below))
	}
	t.Setenv("XDG_CURRENT_DESKTOP", "")
	t.Setenv("DISPLAY", "")
	return filepath.Join(home, "config", "autostart", entryName), filepath.Join(home, "etc", "autostart", entryName), filepath.Join(home, "data", "applications", entryName)
}

func set(t *testing.T, s System, on bool) {
	t.Helper()
	if err := s.SetAtSignIn(on); err != nil {
		t.Fatal(err)
	}
	if is, err := s.AtSignIn(); err != nil || is != on {
		t.Fatalf("set to %v, it is %v, %v", on, is, err)
	}
}

func TestAPersonSwitchesTheStartAtSignIn(t *testing.T) {
	mine, _, _ := alone(t)
	s := System{filepath.Join(t.TempDir(), `my "new" $programs`, "sendjay")}
	if is, err := s.AtSignIn(); is || err != nil {
		t.Fatalf("at first %v, %v", is, err)
	}
	set(t, s, true)
	raw, err := os.ReadFile(mine)
	if err != nil || !strings.Contains(string(raw), `my \\"new\\" \\$programs`) {
		t.Errorf("%s %v", raw, err)
	}
	if out, err := exec.Command("desktop-file-validate", mine).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	set(t, s, false)
	if _, err := os.Stat(mine); !os.IsNotExist(err) {
		t.Errorf("something was left: %v", err)
	}
}

func TestAnEntryOfAnOlderPlaceIsPutRight(t *testing.T) {
	mine, _, _ := alone(t)
	set(t, System{"/old/sendjay"}, true)
	set(t, System{"/new/sendjay"}, true)
	if raw, _ := os.ReadFile(mine); !strings.Contains(string(raw), "/new/sendjay") {
		t.Errorf("%s", raw)
	}
}

func TestWhatAPackageSetUpIsSwitchedBesideIt(t *testing.T) {
	mine, machine, _ := alone(t)
	entry := "[Desktop Entry]\nType=Application\nName=Sendjay\nExec=sendjay --hidden\n"
	if err := write(machine, []byte(entry)); err != nil {
		t.Fatal(err)
	}
	s := System{"/usr/bin/sendjay"}
	if is, err := s.AtSignIn(); !is || err != nil {
		t.Fatalf("the package's entry: %v, %v", is, err)
	}
	set(t, s, false)
	if raw, err := os.ReadFile(mine); err != nil || !strings.Contains(string(raw), "Hidden=true") {
		t.Errorf("%s %v", raw, err)
	}
	set(t, s, true)
	if _, err := os.Stat(mine); !os.IsNotExist(err) {
		t.Errorf("a copy was left: %v", err)
	}
	if raw, _ := os.ReadFile(machine); string(raw) != entry {
		t.Errorf("the package's file is now %s", raw)
	}
}

func TestTheSystemHandsALinkToTheProgram(t *testing.T) {
	_, _, entry := alone(t)
	folder := filepath.Join(t.TempDir(), "with space")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	got := filepath.Join(folder, "got")
	if err := syscall.Mkfifo(got, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "sendjay")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf %s \"$1\" > \""+got+"\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := System{program}
	if err := s.Links(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("desktop-file-validate", entry).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := exec.Command("xdg-mime", "query", "default", scheme).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != entryName {
		t.Errorf("links lead to %q, %v", out, err)
	}
	// Not with its output: the program inherits that and ends only when somebody reads.
	if err := exec.Command("gio", "open", "sendjay://room/r-1").Run(); err != nil {
		t.Fatal(err)
	}
	if link, err := os.ReadFile(got); err != nil || string(link) != "sendjay://room/r-1" { // waits for the writer
		t.Errorf("the program was given %q, %v", link, err)
	}
}

func TestAPackagesLinksAreLeftAlone(t *testing.T) {
	_, _, entry := alone(t)
	theirs := filepath.Join(os.Getenv("XDG_DATA_DIRS"), "applications", entryName)
	if err := write(theirs, []byte("[Desktop Entry]\n")); err != nil {
		t.Fatal(err)
	}
	if err := (System{"/home/kim/sendjay"}).Links(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(entry); !os.IsNotExist(err) {
		t.Errorf("a second entry: %v", err)
	}
}
