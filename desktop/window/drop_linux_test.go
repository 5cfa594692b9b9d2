package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/screen"
)

// dropping is a page that takes what is dropped as the real one does, and tells what it hears.
const dropping = `<!doctype html><title>x</title><body style="margin:0;height:100vh;background:#0a66c2"><script>
const tell = (what) => fetch("/" + what);
const ask = (why) => {
	const input = document.createElement("input");
	input.type = "file";
	input.onchange = async () => tell(why + "/" + encodeURIComponent(input.files[0].name + "=" + await input.files[0].text()));
	input.click();
};
addEventListener("dragover", (e) => { e.preventDefault(); tell("over"); });
addEventListener("drop", (e) => e.preventDefault());
addEventListener("sendjay-dropped", () => ask("dropped"));
addEventListener("sendjay-pasted", () => ask("pasted"));
addEventListener("sendjay-folder", () => tell("folder"));
addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => tell("painted"))));
</script>`

func TestAFileThatIsDroppedOrPastedComesToThePage(t *testing.T) {
	s := screen.Start(t)
	address, asked := serve(t, dropping)
	w := start(t, s, "-place", "700x500+300+200", "-title", "Sendjay", "-data", t.TempDir())
	w.await("ready")
	w.tell("load " + address + "/")
	w.tell("show")
	window := s.Window("Sendjay")
	painted(t, asked)

	file := filepath.Join(t.TempDir(), "끌어온 보고서.txt")
	if err := os.WriteFile(file, []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	source, begun := dragSource(t, s, t.TempDir(), file)
	s.Run("xdotool", "windowmove", "--sync", source, "0", "0")
	s.Run("xdotool", "mousemove", "--window", source, "60", "60", "mousedown", "1")
	late := time.After(30 * time.Second)
	step := func(heard <-chan string, want string) {
		t.Helper()
		for x := 0; ; x++ {
			select {
			case got := <-heard:
				if got == want {
					return
				}
			case <-late:
				t.Fatalf("nobody said %q", want)
			case <-time.After(20 * time.Millisecond): // a hand does not rest while it pulls
				if want == "begun" {
					s.Run("xdotool", "mousemove", "--window", source, fmt.Sprint(60+x%50), "70")
				} else {
					s.Run("xdotool", "mousemove", "--window", window, fmt.Sprint(300+x%50), "250")
				}
			}
		}
	}
	step(begun, "begun")
	step(asked, "/over")
	s.Run("xdotool", "mouseup", "1")
	comes := func(how string, again func()) {
		t.Helper()
		for came, told := false, false; !came || !told; {
			select {
			case got := <-asked:
				told = told || got == "/folder" // the folder beside it is passed over
				if what, ok := strings.CutPrefix(got, how); ok {
					if what != filepath.Base(file)+"=whole" {
						t.Errorf("the page has %q", what)
					}
					came = true
				}
			case <-late:
				t.Fatalf("the file did not come: %s", how)
			case <-time.After(time.Second):
				again() // the window may not know yet what was copied
			}
		}
	}
	comes("/dropped/", func() {})
	paste := func() { s.Run("xdotool", "windowfocus", "--sync", window, "key", "ctrl+v") }
	paste()
	comes("/pasted/", paste)
}

// dragSource is a window of another program with files to drag.
func dragSource(t *testing.T, s *screen.Screen, files ...string) (window string, said <-chan string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "dragsource")
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "gtk+-3.0").Output()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cc", append([]string{"-o", program, filepath.Join("testdata", "drag.c")}, strings.Fields(string(flags))...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command(program, files...)
	c.Env = append(os.Environ(), "DISPLAY="+s.Name, "GDK_BACKEND=x11")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := make(chan string, 8)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return s.Window("Dragsource"), lines
}
