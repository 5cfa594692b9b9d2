package node

import (
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"sendjay/server/auth"
	"sendjay/server/chat"
	"sendjay/server/config"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// begin starts a node with two people in an empty database.
func begin(t *testing.T) (*Node, string) {
	t.Helper()
	c, _, err := config.Read([]string{"--listen=127.0.0.1:0", "--data=" + t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), store.Config{Dir: c.Data, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []protocol.UserID{"kim", "lee"} {
		if err := db.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: string(id)}, Active: true}); err != nil {
			t.Fatal(err)
		}
	}
	at, err := net.Listen("tcp", c.Listen)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Start(t.Context(), c, db, at, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Stop(t.Context())
		_ = db.Close()
	})
	return n, at.Addr().String()
}

func enter(t *testing.T, n *Node, at string, id protocol.UserID, device protocol.Device) (ws *websocket.Conn, signIn string) {
	t.Helper()
	in, refresh, err := n.Auth.SignIn(t.Context(), protocol.User{ID: id}, auth.From{Device: device})
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err = websocket.DefaultDialer.DialContext(t.Context(), "ws://"+at+"/ws", http.Header{"Authorization": {"Bearer " + in.AccessToken}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	if _, _, err := ws.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	signIn, _, _ = strings.Cut(refresh, ".")
	return ws, signIn
}

func ends(t *testing.T, ws *websocket.Conn, code protocol.CloseCode) {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(15 * time.Second))
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, int(code)) {
			t.Errorf("got %v, want %d", err, code)
		}
		return
	}
}

func TestUpkeep(t *testing.T) {
	n, at := begin(t)
	kim, _ := enter(t, n, at, "kim", protocol.Desktop)
	phone, phoneSignIn := enter(t, n, at, "lee", protocol.Mobile)
	lee, _ := enter(t, n, at, "lee", protocol.Desktop)
	t.Run("somebody deactivated elsewhere is signed out", func(t *testing.T) {
		if err := n.db.SetActive(t.Context(), "kim", false); err != nil {
			t.Fatal(err)
		}
		if err := n.endInactive(t.Context()); err != nil {
			t.Fatal(err)
		}
		ends(t, kim, protocol.CloseSignedOut)
	})
	t.Run("so is a device whose sign-in was ended elsewhere, and no other", func(t *testing.T) {
		if err := n.db.RevokeSignIn(t.Context(), phoneSignIn); err != nil {
			t.Fatal(err)
		}
		if err := n.endRevoked(t.Context()); err != nil {
			t.Fatal(err)
		}
		ends(t, phone, protocol.CloseSignedOut)
		if n.sessions.Count() != 1 {
			t.Errorf("%d sessions", n.sessions.Count())
		}
	})
	t.Run("whoever is there hears that something else is offered, once", func(t *testing.T) {
		if err := os.MkdirAll(n.updates, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(n.updates, "offers.json"), []byte("[]"), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := n.tellOffers(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		n.talk.Announce(t.Context(), store.Act{}, protocol.Announcement{By: "admin", Text: "the end"}, []protocol.UserID{"lee"})
		_ = lee.SetReadDeadline(time.Now().Add(20 * time.Second))
		told := 0
		for {
			_, frame, err := lee.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(frame), `"ev":"updates"`) {
				told++
			}
			if strings.Contains(string(frame), `"ev":"announced"`) {
				break
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
	t.Run("whoever is there hears what the command line announces, once", func(t *testing.T) {
		a := protocol.Announcement{By: "Sendjay", Text: "from the command line"}
		if err := chat.AnnounceBeside(t.Context(), n.db, store.Act{Who: "cli", Act: "announce"}, a); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := n.sayNotice(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		n.talk.Announce(t.Context(), store.Act{}, protocol.Announcement{By: "admin", Text: "the end"}, []protocol.UserID{"lee"})
		told := 0
		for frame := ""; !strings.Contains(frame, "the end"); {
			_, raw, err := lee.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			if frame = string(raw); strings.Contains(frame, string(a.Text)) {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
	t.Run("messages that go by their age go from the screens of those who are there", func(t *testing.T) {
		if err := n.db.SetActive(t.Context(), "kim", true); err != nil {
			t.Fatal(err)
		}
		made, err := n.db.CreateRoom(t.Context(), "kim", []protocol.UserID{"lee"}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		room := made.Room
		for _, id := range []protocol.MessageID{"m1", "m2"} {
			if _, err := n.db.Send(t.Context(), store.NewMessage{ID: id, Room: room, Sender: "kim", SenderName: "kim", Body: "old"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.RetireBefore(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for frame := ""; !strings.Contains(frame, `"ev":"message.hidden"`) || !strings.Contains(frame, `"from":2`); {
			_, raw, err := lee.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			frame = string(raw)
		}
	})
	t.Run("the jobs do without complaint", func(t *testing.T) {
		for _, job := range n.cleaning() {
			if err := job.Do(t.Context()); err != nil {
				t.Errorf("%s: %v", job.Name, err)
			}
		}
	})
	t.Run("a stop tells who is left to come back", func(t *testing.T) {
		go n.Stop(t.Context())
		ends(t, lee, protocol.CloseRestart)
	})
}

func TestStop(t *testing.T) {
	t.Run("leaves nothing running", func(t *testing.T) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		t.Run("", func(t *testing.T) {
			n, at := begin(t)
			ws, _ := enter(t, n, at, "kim", protocol.Web)
			answer, err := http.Get("http://" + at + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			go func() { // a browser answers the close
				for {
					if _, _, err := ws.ReadMessage(); err != nil {
						return
					}
				}
			}()
		})
		http.DefaultClient.CloseIdleConnections()
	})
}
