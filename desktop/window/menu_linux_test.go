package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/screen"
)

// selected is a page full of selected words, which tells when they are copied.
const selected = `<!doctype html><title>x</title><body style="margin:0"><textarea readonly style="width:100vw;height:100vh;font-size:40px"></textarea><script>
const tell = (what) => fetch("/" + what);
const t = document.querySelector("textarea");
t.value = "words ".repeat(500);
addEventListener("copy", () => tell("copied"));
addEventListener("load", () => { t.focus(); t.select(); requestAnimationFrame(() => requestAnimationFrame(() => tell("painted"))); });
</script>`

// Czech is a language whose word for Copy has another letter to press, and which the engine lacks as it lacks Korean.
func TestTheMenuSpeaksThePersonsLanguage(t *testing.T) {
	s := screen.Start(t)
	made := t.TempDir()
	if out, err := exec.Command("localedef", "-i", "cs_CZ", "-f", "UTF-8", filepath.Join(made, "cs_CZ.UTF-8")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, value := range map[string]string{"LOCPATH": made, "LANG": "cs_CZ.UTF-8", "LC_ALL": "", "LC_MESSAGES": "", "LANGUAGE": ""} {
		t.Setenv(name, value)
	}
	address, asked := serve(t, selected)
	w := start(t, s, "-place", "700x500+100+100", "-title", "Sendjay", "-data", t.TempDir())
	w.await("ready")
	w.tell("load " + address + "/")
	w.tell("show")
	window := s.Window("Sendjay")
	painted(t, asked)
	late := time.After(30 * time.Second)
	for letter := time.NewTicker(300 * time.Millisecond); ; {
		select {
		case got := <-asked:
			if strings.HasPrefix(got, "/copied") {
				return
			}
		case <-letter.C: // the menu takes a moment to come
			s.Run("xdotool", "mousemove", "--window", window, "200", "100", "click", "3", "sleep", "0.2", "key", "k")
		case <-late:
			t.Fatal("the letter of Kopírovat copied nothing")
		}
	}
}
