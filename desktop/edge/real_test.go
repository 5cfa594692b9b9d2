package edge_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/desktop/update"
	"sendjay/shared/protocol"
)

// room makes a room with somebody.
func (s *sock) room(with string) protocol.RoomID {
	s.t.Helper()
	f := s.ask(protocol.OpRoomCreate, `{"members":["`+with+`"]}`)
	var made protocol.RoomCreated
	if f.Error != nil || json.Unmarshal(f.Data, &made) != nil || made.Room.ID == "" {
		s.t.Fatalf("create: %+v", f)
	}
	return made.Room.ID
}

// TestAgainstTheRealServerNothingIsLostWhenItIsKilled floods a room while the server is killed and
// started again; what the edge said was sent is there once, in order, for the other person too.
func TestAgainstTheRealServerNothingIsLostWhenItIsKilled(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim", "lee"}, "SENDJAY_RATE_LIMITS=off")
	kim, lee := begin(t, t.TempDir(), server.URL), begin(t, t.TempDir(), server.URL)
	kp, lp := kim.open(), lee.open()
	kp.signIn("kim")
	lp.signIn("lee")
	ks, ls := kp.dial(), lp.dial()
	ks.link(protocol.Online)
	ls.link(protocol.Online)
	room := ks.room("lee")

	body := func(i int) string {
		return fmt.Sprintf(`{"id":"m%03d","room":%q,"type":"talk","body":"line %d"}`, i, room, i)
	}
	const n = 90
	var killed chan struct{} // closed when the server that was last killed is gone
	revive := func() {
		if killed != nil {
			<-killed
			killed = nil
			server.Start()
		}
	}
	for i := range n {
		if i%30 == 15 {
			revive()
			killed = make(chan struct{})
			go func(gone chan struct{}) { defer close(gone); server.Kill() }(killed)
		}
		f := ks.ask(protocol.OpMessageSend, body(i))
		for f.Error != nil {
			if f.Error.Code != protocol.Unavailable {
				t.Fatalf("%+v", f.Error)
			}
			revive()
			kim.link.Wake()
			if kim.link.State().State != protocol.Online {
				ks.link(protocol.Online)
			}
			f = ks.ask(protocol.OpMessageSend, body(i))
		}
	}
	revive()
	lee.link.Wake()
	if lee.link.State().State != protocol.Online {
		ls.link(protocol.Online)
	}
	var page protocol.MessagesPage
	if err := json.Unmarshal([]byte(lp.want(200, "GET", "/api/v1/rooms/"+string(room)+"/messages?limit=100", "")), &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) != n {
		t.Fatalf("%d messages, want %d", len(page.Messages), n)
	}
	for i, m := range page.Messages {
		if m.ID != protocol.MessageID(fmt.Sprintf("m%03d", i)) || m.Seq != protocol.Seq(i+1) {
			t.Errorf("place %d: %s, seq %d", i, m.ID, m.Seq)
		}
	}
	if left := kp.items(); len(left) != 0 {
		t.Errorf("left in the outbox: %v", left)
	}
}

func TestAgainstTheRealServerASignInSurvivesRestartsOfBoth(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim"}, "SENDJAY_ACCESS_LIFE=2s")
	dir := t.TempDir()
	tr := begin(t, dir, server.URL)
	p := tr.open()
	p.signIn("kim")
	for range 3 {
		tr.stop()
		server.Kill()
		server.Start()
		tr = begin(t, dir, server.URL)
		tr.until(protocol.Online)
		p = tr.open()
		p.want(200, "GET", "/api/v1/rooms", "")
	}
	p.want(200, "POST", "/api/v1/auth/logout", "{}")
	p.want(401, "GET", "/api/v1/rooms", "")
	tr.stop()
	tr = begin(t, dir, server.URL)
	tr.until(protocol.SignedOut)
}

func TestAgainstTheRealServerANewerTrayReplacesTheOlder(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim"})
	older := begin(t, t.TempDir(), server.URL)
	op := older.open()
	op.signIn("kim")
	s := op.dial()
	newer := begin(t, t.TempDir(), server.URL)
	newer.open().signIn("kim")
	s.link(protocol.TakenOver)
	if by := older.link.State().By; by == nil || by.Device != protocol.Desktop {
		t.Errorf("replaced by %+v", by)
	}
	op.want(204, "POST", "/edge/v1/use", "")
	s.link(protocol.Online)
	newer.until(protocol.TakenOver)
}

func TestAgainstTheRealServerFilesGoUpAndComeDownThroughTheEdge(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim", "lee"})
	tr := begin(t, t.TempDir(), server.URL)
	upAndDown(t, tr, func() {})
}

// Windows, files and versions go the tray's own way, also where a proxy stands on it.
func TestAgainstTheRealServerFilesPassAProxyThatWantsTickets(t *testing.T) {
	server := desktoptest.NewServer(t, []string{"kim", "lee"})
	gate := desktoptest.NewGate(t, server.URL)
	var made atomic.Int32
	gate.Offers, gate.Takes = []string{"Negotiate"}, func(shown []byte) bool { return strings.HasPrefix(string(shown), "ticket ") }
	tr := beginLinked(t, t.TempDir(), link.Config{
		Server: "http://talk.example.invalid", Proxy: "http://" + gate.Addr,
		Ticket: func(context.Context, string) ([]byte, error) { return fmt.Appendf(nil, "ticket %d", made.Add(1)), nil },
	}, 0)
	// Before what is sent in one stream, nothing that stood is left.
	upAndDown(t, tr, func() { gate.Drop(); tr.link.Wake(); tr.until(protocol.Online) })
	if text := tr.open().want(200, "POST", "/edge/v1/line", ""); !strings.Contains(text, `"proxy_ticket"`) || !strings.Contains(text, `"socket"`) || strings.Contains(text, "ticket ") {
		t.Errorf("the test of the line says %s", text)
	}
	looks := update.New(update.Config{Dir: t.TempDir(), Version: "1.0.0", Channel: "stable", Line: tr.link})
	before := gate.Passed.Load()
	if found, err := looks.Look(t.Context(), true); err != nil || found != "" || gate.Passed.Load() == before {
		t.Errorf("looking for versions: %q, %v", found, err)
	}
}

// upAndDown sends a file through the edge and fetches it; cut is called before each.
func upAndDown(t *testing.T, tr *tray, cut func()) {
	t.Helper()
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	s.link(protocol.Online)
	room := s.room("lee")
	content := strings.Repeat("0123456789", 30_000) // longer than what is read ahead
	said := func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }
	status, text, head := p.do("POST", "/api/v1/uploads/", "", "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(content)), "Upload-Metadata", "room "+said(string(room))+",name "+said("보고서.txt"))
	at := head.Get("Location")
	if status != 201 || !strings.HasPrefix(at, "/api/v1/uploads/") {
		t.Fatalf("%d %s %v", status, text, head)
	}
	cut()
	sum := sha256.Sum256([]byte(content))
	if status, text, head = p.do("PATCH", at, content, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream",
		"Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(sum[:])); status != 204 || head.Get("Upload-Offset") != fmt.Sprint(len(content)) {
		t.Fatalf("%d %s %v", status, text, head)
	}
	if status, _, head = p.do("HEAD", at, "", "Tus-Resumable", "1.0.0"); status != 200 || head.Get("Upload-Offset") != fmt.Sprint(len(content)) {
		t.Fatalf("%d %v", status, head)
	}
	file := strings.TrimPrefix(at, "/api/v1/uploads/")
	if f := s.ask(protocol.OpMessageSend, fmt.Sprintf(`{"id":"m1","room":%q,"type":"file","body":"","file":%q}`, room, file)); f.Error != nil {
		t.Fatalf("%+v", f.Error)
	}
	cut()
	if status, text, head = p.do("GET", "/api/v1/files/"+file, "", "Range", "bytes=5-9"); status != 206 || text != "56789" || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %q %v", status, text, head)
	}
	if status, _, head = p.do("GET", "/api/v1/files/"+file, "", "If-None-Match", head.Get("Etag")); status != 304 {
		t.Errorf("%d %v", status, head)
	}
}
