package policy

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sendjay/desktop/engine"
)

func load(t *testing.T, args []string, env, recommended, managed map[string]string) Settings {
	t.Helper()
	s, err := Load(args, Source{func(k string) string { return env[k] }, managed, recommended}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoOutweighsWhom(t *testing.T) {
	home := map[string]string{"HOME": "/home/kim"}
	env := map[string]string{"HOME": "/home/kim", "SENDJAY_SERVER": "https://env.example"}
	flags := []string{"--server", "https://flag.example"}
	it := func(v string) map[string]string { return map[string]string{"Server": v} }
	for _, c := range []struct {
		name                 string
		args                 []string
		env                  map[string]string
		recommended, managed map[string]string
		want                 string
		given                bool
	}{
		{"nobody", nil, home, nil, nil, "", false},
		{"recommended", nil, home, it("talk.example"), nil, "https://talk.example", false},
		{"environment", nil, env, it("talk.example"), nil, "https://env.example", true},
		{"flag", flags, env, it("talk.example"), nil, "https://flag.example", true},
		{"managed", flags, env, it("talk.example"), it("https://it.example:8443"), "https://it.example:8443", true},
	} {
		s := load(t, c.args, c.env, c.recommended, c.managed)
		if s.Server != c.want || s.ServerGiven != c.given {
			t.Errorf("%s: %q, given %v", c.name, s.Server, s.ServerGiven)
		}
	}
	s := load(t, nil, home, nil, map[string]string{"Server": "it.example", "AllowOtherServers": "false"})
	if !s.ServerFixed || !slices.Contains(s.Locked, "Server") {
		t.Errorf("%+v", s)
	}
}

func TestThePresets(t *testing.T) {
	s := load(t, []string{"--hidden", "sendjay://room/r1"}, map[string]string{"HOME": "/home/kim", "XDG_DATA_HOME": "/data"}, nil, nil)
	if !s.Hidden || s.Open != "sendjay://room/r1" || !s.SecretFile || s.ServerFixed || s.IdleExitMinutes != 15 || s.Preview != "full" || s.Proxy != "system" {
		t.Errorf("%+v", s)
	}
	if s := load(t, []string{"--profile", "/p"}, nil, nil, nil); s.Profile != "/p" {
		t.Errorf("%+v", s)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{[]string{"--nonsense"}, nil, "nonsense"},
		{[]string{"--server", "ftp://x"}, nil, "--server"},
		{[]string{"--server", "https://user:pw@x"}, nil, "--server"},
		{nil, map[string]string{"SENDJAY_PROXY": "what"}, "SENDJAY_PROXY"},
		{[]string{"file:///etc/passwd"}, nil, "file:///etc/passwd"},
		{[]string{"--window-idle-exit", "soon"}, nil, "--window-idle-exit"},
	} {
		env := map[string]string{"HOME": "/home/kim"}
		for k, v := range c.env {
			env[k] = v
		}
		_, err := Load(c.args, Source{Getenv: func(k string) string { return env[k] }}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
	if _, err := Load([]string{"-h"}, Source{}, &bytes.Buffer{}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
}

func TestFilesOfITAreReadOneByOne(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"10-base.json":  `{"Server":"a.example","WindowIdleExitMinutes":5,"StartHidden":true}`,
		"20-more.json":  `{"Server":"b.example","Colour":"red","Preview":7,"NotificationPreview":["x"]}`,
		"30-bad.json":   `{"Server":`,
		"40-wrong.json": `{"Proxy":"nonsense"}`,
		"ignored.txt":   `{"Server":"c.example"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := read(dir)
	if got["Server"] != "b.example" || got["WindowIdleExitMinutes"] != "5" || got["StartHidden"] != "true" || len(got) != 3 {
		t.Errorf("%v", got)
	}
	for _, want := range []string{"20-more.json", "Colour: unknown key", "NotificationPreview", "30-bad.json", "40-wrong.json: Proxy"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if none, err := read(filepath.Join(dir, "nowhere")); len(none) != 0 || err != nil {
		t.Errorf("%v %v", none, err)
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"talk.example": "https://talk.example", " HTTP://Talk.Example:8080/ ": "http://talk.example:8080", "http://127.0.0.1:1": "http://127.0.0.1:1",
		"": "", "https://": "", "talk.example/path": "", "https://x?y": "", "javascript:alert(1)": "", "http://a b": "",
	} {
		if got, err := Address(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
}

func TestTheProfileDoesNotRoamOnWindows(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LOCALAPPDATA": "/local", "APPDATA": "/roaming", "USERPROFILE": "/kim"}, filepath.Join("/local", "Sendjay")},
		{map[string]string{"APPDATA": "/roaming", "USERPROFILE": "/kim"}, filepath.Join("/kim", "AppData", "Local", "Sendjay")},
		{map[string]string{"APPDATA": "/roaming"}, ""},
	} {
		if at, err := home("windows", func(k string) string { return c.env[k] }); at != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%v: %q, %v, want %q", c.env, at, err, c.want)
		}
	}
}

func TestWhatCountsForTheWholeComputerIsNoPersonsDoing(t *testing.T) {
	t.Setenv("SENDJAY_UPDATE_CHANNEL", "early")
	s, err := computer(map[string]string{"Updates": "off", "UpdateKey": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"})
	if err != nil || s.Updates != "off" || s.UpdateKey == "" || s.UpdateChannel != "stable" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := computer(nil); err != nil || s.Updates != "auto" || s.UpdateKey != "" {
		t.Errorf("nothing decided: %+v, %v", s, err)
	}
}

func TestWhichEnginesTheWindowMayTakeIsSaidByIT(t *testing.T) {
	for value, want := range map[string]bool{
		"": true, `C:\Program Files\WebView2`: true, `d:/engines`: true,
		`C:\`: false, `\\server\share\engine`: false, `Program Files\WebView2`: false, "/opt/engine": false,
	} {
		s, err := Load([]string{"--profile", "p"}, Source{Managed: map[string]string{"WebView2Folder": value}}, &bytes.Buffer{})
		if (err == nil) != want || want && s.EngineFolder != value {
			t.Errorf("%q: %q, %v", value, s.EngineFolder, err)
		}
	}
	for value, want := range map[string]int{"": 0, "151.0.4129.59, 149-150": 2, "only,151": 1 - len(engine.Known()), "newest": -100} {
		s, err := Load([]string{"--profile", "p"}, Source{Managed: map[string]string{"WebView2BadVersions": value}}, &bytes.Buffer{})
		if (err == nil) != (want > -100) || err == nil && len(s.EngineFlaws) != len(engine.Known())+want {
			t.Errorf("%q: %v, %v", value, s.EngineFlaws, err)
		}
		if err := Check("WebView2BadVersions", value); (err == nil) != (want > -100) {
			t.Errorf("checked %q: %v", value, err)
		}
	}
}
