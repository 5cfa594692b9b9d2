//go:build linux && wine

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These run the window of Windows under Wine, with a stand-in for the engine:
//
//	go test -tags wine ./desktop/window -run Wine
//
// They want wine64, mingw and Xvfb, and take a minute; no other test asks for Wine.

// built compiles with mingw.
func built(t *testing.T, command string, args ...string) {
	t.Helper()
	if out, err := exec.Command(command, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// drive is a new Wine with the window's program, and what runs in it.
type drive struct {
	t      *testing.T
	c, exe string
	env    []string
}

func newDrive(t *testing.T) *drive {
	t.Helper()
	dir := t.TempDir()
	d := &drive{t: t, c: filepath.Join(dir, "wine", "drive_c"), exe: filepath.Join(dir, "window.exe")}
	include, err := filepath.Abs("../../packaging/windows/include")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "build", "-o", d.exe, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=1", "GOOS=windows", "CC=x86_64-w64-mingw32-gcc", "CXX=x86_64-w64-mingw32-g++",
		"CGO_CXXFLAGS=-O2 -DWEBVIEW_MSWEBVIEW2_BUILTIN_IMPL=0 -I"+include)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.env = append(os.Environ(), "WINEPREFIX="+filepath.Dir(d.c), "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "WINEARCH=win64")
	if out, err := d.run("wineboot", "-i"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { _, _ = d.run("wineserver", "-k") })
	built(t, "x86_64-w64-mingw32-gcc", "-shared", "-o", filepath.Join(d.c, "windows", "system32", "bcryptprimitives.dll"), "testdata/prng.c", "-ladvapi32")
	return d
}

func (d *drive) run(name string, args ...string) (string, error) {
	c := exec.Command("xvfb-run", append([]string{"-a", name}, args...)...)
	c.Env = d.env
	out, err := c.CombinedOutput()
	return strings.ReplaceAll(string(out), "\r", ""), err
}

// lay puts the stand-in into a folder of drive C.
func (d *drive) lay(folder string) {
	d.t.Helper()
	dir := filepath.Join(d.c, folder, "EBWebView", "x64")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		d.t.Fatal(err)
	}
	built(d.t, "x86_64-w64-mingw32-gcc", "-shared", "-o", filepath.Join(dir, "EmbeddedBrowserWebView.dll"), "testdata/engine.c")
}

// starts runs the window and returns what was said and how it ended.
func (d *drive) starts(args ...string) (string, int) {
	d.t.Helper()
	out, err := d.run("wine", append([]string{d.exe}, args...)...)
	code := 0
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		code = exit.ExitCode()
	} else if err != nil {
		d.t.Fatal(err)
	}
	return out, code
}

func TestInWineTheWindowStartsWithTheEngineItIsToldAndHearsThatItHasEnded(t *testing.T) {
	d := newDrive(t)
	if out, code := d.starts("-data", `C:\data`); code != exitNoEngine || !strings.Contains(out, "is not installed") {
		t.Errorf("without any: %d\n%s", code, out)
	}
	d.lay("evergreen/151.0.0.1")
	d.lay("한글 fixed")
	const key = `HKLM\SOFTWARE\Microsoft\EdgeUpdate\ClientState\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}`
	if out, err := d.run("wine", "reg", "add", key, "/v", "EBWebView", "/d", `C:\evergreen\151.0.0.1`, "/reg:32"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-data", `C:\data`}, `loaded C:\evergreen\151.0.0.1\EBWebView\x64\EmbeddedBrowserWebView.dll as 0 with C:\data`},
		{[]string{"-data", `C:\data\140`, "-engine", `C:\한글 fixed`}, `loaded C:\한글 fixed\EBWebView\x64\EmbeddedBrowserWebView.dll as 1 with C:\data\140`},
	} {
		out, code := d.starts(c.args...)
		if code != exitCrashed || !strings.Contains(out, c.want) || !strings.Contains(out, "the process ends") || !strings.Contains(out, "the web engine has ended by itself") {
			t.Errorf("%q: %d\n%s", c.args, code, out)
		}
	}
	if out, code := d.starts("-engine", `C:\elsewhere`); code != exitNoEngine || !strings.Contains(out, `C:\elsewhere`) {
		t.Errorf("of a folder without one: %d\n%s", code, out)
	}
}
