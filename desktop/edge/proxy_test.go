package edge_test

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
)

func TestAPersonSignsInAtAProxyThatAsks(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	gate := desktoptest.NewGate(t, up.URL)
	gate.Wants = url.UserPassword("kim", "p@ss:1")
	at := gate.Addr
	dir := t.TempDir()
	tr := beginBehind(t, dir, "", "http://"+at)
	p := tr.open()
	p.want(400, "PUT", "/edge/v1/proxy", `{"proxy":"`+at+`","name":"kim","password":"p@ss:1"}`) // nobody has asked
	const server = `{"url":"http://talk.example.invalid"}`
	if text := p.want(503, "PUT", "/edge/v1/server", server); !strings.Contains(text, `"proxy_sign_in"`) {
		t.Errorf("why the server is not reached: %s", text)
	}
	if text := p.want(200, "GET", "/edge/v1/proxy", ""); !strings.Contains(text, at) {
		t.Errorf("who asks: %s", text)
	}
	for _, bad := range []string{
		`{"proxy":"other:3128","name":"kim","password":"p@ss:1"}`, `{"proxy":"` + at + `","name":"","password":"x"}`,
		`{"proxy":"` + at + `","name":"kim","password":"` + strings.Repeat("x", 257) + `"}`, `{`,
	} {
		p.want(400, "PUT", "/edge/v1/proxy", bad)
	}
	p.want(200, "PUT", "/edge/v1/proxy", `{"proxy":"`+at+`","name":"kim","password":"wrong"}`)
	p.want(503, "PUT", "/edge/v1/server", server)
	p.want(200, "PUT", "/edge/v1/proxy", `{"proxy":"`+at+`","name":"kim","password":"p@ss:1"}`)
	p.want(200, "PUT", "/edge/v1/server", server)
	p.signIn("kim")
	// It is said to that proxy alone, and lies nowhere in the clear.
	if held, err := keyring.New(keyring.Config{Dir: dir}).Get(link.ProxyKey("other:3128")); held != "" || err != nil {
		t.Errorf("another proxy would hear %q, %v", held, err)
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if raw, err := os.ReadFile(dir + "/" + f.Name()); err == nil && strings.Contains(string(raw), "p%40ss") {
			t.Errorf("%s shows the password", f.Name())
		}
	}
}
