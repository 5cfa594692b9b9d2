package edge_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// taken is how many bytes lie below a folder.
func taken(t *testing.T, dir string) (sum int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestTheCachesTakeNoMoreRoomThanTheyMay(t *testing.T) {
	const most = 200 << 10
	dir := t.TempDir()
	// What another server has left is older than everything else.
	other := filepath.Join(dir, "ui", strings.Repeat("0", 32), "asset")
	if err := os.MkdirAll(filepath.Dir(other), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, make([]byte, most-10<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	up := desktoptest.NewUpstream(t)
	tr := beginLinked(t, dir, link.Config{Server: up.URL}, most)
	p := tr.open()
	s := (*sock)(nil)
	page := func(n int) string { return fmt.Sprintf(`<html><script src="/assets/a-%d.js"></script></html>`, n) }
	for n := 1; n <= 5; n++ {
		text, build := page(n), fmt.Sprint("b", n)
		up.Assets.Store(fmt.Sprintf("/assets/a-%d.js", n), strings.Repeat("x", 40<<10))
		up.Page.Store(&text)
		up.Build.Store(&build)
		if s == nil {
			p.signIn("kim")
			s = p.dial()
		} else {
			up.Drop(protocol.CloseRestart)
			s.link(protocol.Online)
		}
		for p.want(200, "GET", "/", "") != text {
			if t.Context().Err() != nil {
				t.Fatal("in vain")
			}
		}
	}
	if sum := taken(t, filepath.Join(dir, "ui")); sum > most || sum < most/4 {
		t.Errorf("the UIs take %d bytes", sum)
	}
	if _, err := os.Stat(filepath.Dir(other)); !os.IsNotExist(err) {
		t.Errorf("the other server's is there: %v", err)
	}
	// A UI that would fill it is not taken, and hurts nobody; neither does what is asked for beside.
	huge, build := `<html><script src="/assets/huge-1.js"></script></html>`, "huge"
	up.Assets.Store("/assets/huge-1.js", strings.Repeat("y", most/2+1))
	up.Page.Store(&huge)
	up.Build.Store(&build)
	up.Drop(protocol.CloseRestart)
	s.link(protocol.Online)
	up.Until("it was asked for", func() bool { return up.Requests("GET /assets/huge-1.js") > 0 })
	for n := range 8 {
		name := fmt.Sprintf("/assets/beside-%d.js", n)
		up.Assets.Store(name, strings.Repeat("z", 40<<10))
		if text := p.want(200, "GET", name, ""); len(text) != 40<<10 {
			t.Errorf("%s: %d bytes", name, len(text))
		}
	}
	if sum := taken(t, filepath.Join(dir, "ui")); sum > most {
		t.Errorf("the UIs take %d bytes", sum)
	}
	if text := p.want(200, "GET", "/", ""); text != page(5) {
		t.Errorf("the page: %s", text)
	}
	for n := range 60 {
		up.Say(fmt.Sprint("m", n), strings.Repeat("가", 300))
		p.want(200, "GET", fmt.Sprintf("/api/v1/rooms/r1/messages?limit=%d", n+1), "")
	}
	p.want(200, "GET", "/api/v1/rooms/r1/messages", "")
	if sum := taken(t, filepath.Join(dir, "pages")); sum > most || sum < most/4 {
		t.Errorf("the answers take %d bytes", sum)
	}
}
