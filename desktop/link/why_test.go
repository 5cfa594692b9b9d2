package link

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"sendjay/shared/protocol"
)

func TestWhyThereIsNoLineIsSaidInAWord(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = nil
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	dial := func(at string) error {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
		resp, err := c.Get(at)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	behind := func(proxy string) error {
		at, _ := url.Parse(proxy)
		c := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at)}}
		resp, err := c.Get(secure.URL)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	wants := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	defer wants.Close()
	for _, c := range []struct {
		name   string
		err    error
		status int
		want   protocol.LinkWhy
	}{
		{"a certificate nobody knows", dial(secure.URL), 0, protocol.WhyCertificate},
		{"nobody listens", dial(gone.URL), 0, protocol.WhyRefused},
		{"a proxy that is not there", behind(gone.URL), 0, protocol.WhyProxy},
		{"a proxy that wants to know who asks", behind(wants.URL), 0, protocol.WhyProxySignIn},
		{"a proxy that answers so itself", nil, http.StatusProxyAuthRequired, protocol.WhyProxySignIn},
		{"the server is elsewhere", nil, http.StatusMovedPermanently, protocol.WhyMoved},
		{"something on the way lets no WebSocket through", nil, http.StatusForbidden, protocol.WhyBlocked},
		{"the server is full", nil, http.StatusServiceUnavailable, ""},
	} {
		if got := reason(c.err, c.status); got != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.want, c.err)
		}
	}
}

func TestTheProxyOfTheDesktopIsUsedWhereTheEnvironmentNamesNone(t *testing.T) {
	p := proxies{by: byScheme("http=web:80;https=safe:8443"), direct: []string{"<local>", "*.corp.example", ".lab.example", "10.*"}}
	for at, want := range map[string]string{
		"https://talk.example.com": "http://safe:8443", "wss://talk.example.com": "http://safe:8443", "ws://talk.example.com": "http://web:80",
		"https://intranet": "", "https://chat.corp.example": "", "https://a.lab.example": "", "https://10.1.2.3": "", "http://127.0.0.1:9": "", "http://localhost": "",
	} {
		u, _ := url.Parse(at)
		got := ""
		if found := p.of(u); found != nil {
			got = found.String()
		}
		if got != want {
			t.Errorf("%s goes through %q, want %q", at, got, want)
		}
	}
	if by := byScheme("all:3128"); by[""] != "all:3128" {
		t.Errorf("one for all: %v", by)
	}
	if runtime.GOOS != "linux" {
		return
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "")
	}
	bin := t.TempDir()
	script := "#!/bin/sh\ncase \"$2.$3\" in\n*proxy.mode) echo \"'manual'\";;\n*proxy.https.host) echo \"'gate.example'\";;\n*proxy.socks.host) echo \"'socks.example'\";;\n*.port) echo 8080;;\n*ignore-hosts) echo \"['localhost', '*.corp.example']\";;\n*) echo \"''\";;\nesac\n"
	if err := os.WriteFile(filepath.Join(bin, "gsettings"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	find := newDetour(&system{}, &wallet{})
	for at, want := range map[string]string{"https://talk.example.com": "http://gate.example:8080", "http://talk.example.com": "socks5://socks.example:8080", "https://x.corp.example": ""} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		got, err := find.way(r)
		if err != nil || (got == nil) != (want == "") || got != nil && got.String() != want {
			t.Errorf("%s goes through %v (%v), want %q", at, got, err, want)
		}
	}
}
