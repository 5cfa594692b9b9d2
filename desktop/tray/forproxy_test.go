package main

import (
	"strings"
	"testing"

	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
)

func TestWhatAProxyWantsToHearIsKeptForThatProxyAlone(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring: the file
	t.Setenv("XDG_RUNTIME_DIR", "")
	dir := t.TempDir()
	keep := func(proxy, typed string) error {
		return keepForProxy(keyring.New(keyring.Config{Dir: dir}), proxy, strings.NewReader(typed))
	}
	held := func(proxy string) string {
		secret, err := keyring.New(keyring.Config{Dir: dir}).Get(link.ProxyKey(proxy))
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	for _, bad := range [][2]string{{"proxy", "kim\nsecret\n"}, {":3128", "kim\nsecret\n"}, {"proxy:3128", "kim\n"}} {
		if keep(bad[0], bad[1]) == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if err := keep("Proxy:3128", "kim\np@ss:word\r\n"); err != nil {
		t.Fatal(err)
	}
	if got := held("proxy:3128"); got != "kim:p%40ss%3Aword" {
		t.Errorf("kept %q", got)
	}
	if got := held("other:3128"); got != "" {
		t.Errorf("another proxy would hear %q", got)
	}
	if err := keep("proxy:3128", ""); err != nil || held("proxy:3128") != "" {
		t.Errorf("not forgotten: %v", err)
	}
	if keepForProxy(keyring.New(keyring.Config{Dir: dir, NoFile: true}), "proxy:3128", strings.NewReader("kim\nsecret\n")) == nil {
		t.Error("it is said to be kept, and lies nowhere")
	}
}
