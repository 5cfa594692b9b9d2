package link_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

func TestATicketIsShownToWhomItIsNamedFor(t *testing.T) {
	var shown []string // what the server was shown
	refuse, send := "", ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown = append(shown, r.Header.Get("Authorization"))
		switch {
		case send != "":
			http.Redirect(w, r, send, http.StatusTemporaryRedirect)
		case refuse != "":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, refuse)
		default:
			_, _ = io.WriteString(w, `{"accessToken":"a","refreshToken":"r","expiresIn":900,"user":{"id":"kim","name":"Kim"}}`)
		}
	}))
	t.Cleanup(server.Close)
	port := strings.TrimPrefix(server.URL, "http://127.0.0.1")
	asked := ""
	ticket := func(_ context.Context, host string) ([]byte, error) {
		asked = host
		return []byte("ticket"), nil
	}
	signIn := func(t *testing.T, address string, named ...string) error {
		t.Helper()
		shown, asked = nil, ""
		l, err := link.New(link.Config{
			Keys: keyring.New(keyring.Config{Dir: t.TempDir()}), Server: address, Device: "device", Proxy: "direct", Ticket: ticket,
			Shows: func(host string) bool { return len(named) > 0 && host == named[0] },
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.SignInByTicket(t.Context())
		return err
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	refused := func(t *testing.T, err error, want protocol.Code) {
		t.Helper()
		if no, ok := errors.AsType[*protocol.Refusal](err); !ok || no.Code != want || no.Field != "kerberos" {
			t.Errorf("got %v", err)
		}
	}
	t.Run("one that is named", func(t *testing.T) {
		if err := signIn(t, server.URL, "127.0.0.1"); err != nil || asked != "127.0.0.1" || len(shown) != 1 || shown[0] != "Negotiate dGlja2V0" {
			t.Errorf("%v; asked for %q, shown %q", err, asked, shown)
		}
	})
	t.Run("not one that is not named, nor over a line on which others read", func(t *testing.T) {
		for address, named := range map[string]string{server.URL: "localhost", "http://talk.example": "talk.example", "ftp://127.0.0.1" + port: "127.0.0.1"} {
			refused(t, signIn(t, address, named), protocol.Forbidden)
			if asked != "" || len(shown) > 0 {
				t.Errorf("%s: asked for %q, shown %q", address, asked, shown)
			}
		}
		refused(t, signIn(t, server.URL), protocol.Forbidden)
	})
	t.Run("nor one to which an answer leads", func(t *testing.T) {
		elsewhere := 0
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
		t.Cleanup(other.Close)
		send = other.URL
		defer func() { send = "" }()
		if err := signIn(t, server.URL, "127.0.0.1"); err == nil || elsewhere > 0 {
			t.Errorf("%v; asked %d times", err, elsewhere)
		}
	})
	t.Run("a ticket that does not count", func(t *testing.T) {
		refuse = `{"error":{"code":"bad_credentials","message":"no","field":"kerberos"}}`
		defer func() { refuse = "" }()
		refused(t, signIn(t, server.URL, "127.0.0.1"), protocol.BadCredentials)
	})
	t.Run("a computer without one", func(t *testing.T) {
		ticket = func(context.Context, string) ([]byte, error) { return nil, errors.New("none") }
		refused(t, signIn(t, server.URL, "127.0.0.1"), protocol.Unauthenticated)
		if len(shown) > 0 {
			t.Errorf("shown %q", shown)
		}
	})
}
