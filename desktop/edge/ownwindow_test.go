package edge_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"sendjay/desktop/desktoptest"
	"sendjay/shared/protocol"
)

// dialRoom is the socket of a window that shows one room alone.
func (p *page) dialRoom(room string) *sock {
	p.t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws://"+p.tr.Address()+"/ws?room="+room, http.Header{
		"Cookie": {p.cookie.String()}, "Origin": {"http://" + p.tr.Address()},
	})
	if err != nil {
		p.t.Fatalf("%v %+v", err, resp)
	}
	p.t.Cleanup(func() { _ = ws.Close() })
	return &sock{t: p.t, ws: ws}
}

func TestARoomsOwnWindowIsAskedInsteadOfTheMainOne(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	main, own := p.dial(), p.dialRoom("r1")
	main.event(protocol.EvHello)
	own.event(protocol.EvHello)
	tr.Open("r1", 3)
	tr.Open("r2", 0)
	for who, want := range map[*sock]string{main: `"room":"r2"`, own: `"room":"r1","seq":3`} {
		if f := who.event(protocol.EvOpen); !strings.Contains(string(f.Data), want) {
			t.Errorf("asked for %s, want %s", f.Data, want)
		}
	}
	// Both hear what is said.
	up.Say("m1", "hello")
	for _, one := range []*sock{main, own} {
		one.event(protocol.EvMessage)
	}
}

func TestABootLinkOfARoomLeadsToThatRoomAlone(t *testing.T) {
	tr := begin(t, t.TempDir(), "")
	p := tr.open()
	for room, want := range map[protocol.RoomID]string{"": "/", "r1": "/?room=r1"} {
		at, err := tr.Boot(room)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := p.client.Get(at + "&room=another")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", room, got, want)
		}
	}
}

func TestAPageGetsAWindowForARoomWhereThereCanBeOne(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.want(404, "POST", "/edge/v1/window", `{"room":"r1"}`)
	var popped []protocol.RoomID
	tr.PopOut = func(room protocol.RoomID) { popped = append(popped, room) }
	p.want(401, "POST", "/edge/v1/window", `{"room":"r1"}`)
	p.signIn("kim")
	p.want(400, "POST", "/edge/v1/window", `{"room":""}`)
	p.want(400, "POST", "/edge/v1/window", `{"room":"../r1"}`)
	p.want(400, "POST", "/edge/v1/window", `not json`)
	p.want(204, "POST", "/edge/v1/window", `{"room":"r1"}`)
	if !slices.Equal(popped, []protocol.RoomID{"r1"}) {
		t.Errorf("opened %v", popped)
	}
}

func TestAPageIsToldWhatTheDeviceSaysOfItself(t *testing.T) {
	tr := begin(t, t.TempDir(), "")
	p := tr.open()
	p.want(404, "GET", "/edge/v1/diagnose", "")
	tr.Diagnose = func() string { return "link: <offline>" }
	if text := p.want(200, "GET", "/edge/v1/diagnose", ""); !strings.Contains(text, `{"text":"link: <offline>"}`) {
		t.Error(text)
	}
}

func TestWhoSignsOutTakesTheRoomOfTheWindowAlong(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	p.want(204, "PUT", "/edge/v1/keep/settings/room", `"r1"`)
	p.want(204, "PUT", "/edge/v1/keep/settings/theme", `"dark"`)
	p.want(200, "POST", "/api/v1/auth/logout", "{}")
	if text := p.want(200, "GET", "/edge/v1/keep/settings", ""); strings.Contains(text, "r1") || !strings.Contains(text, "dark") {
		t.Errorf("kept %s", text)
	}
}
