package session

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"sendjay/shared/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line remembers what it was told.
type line struct {
	mu     sync.Mutex
	frames []string
	code   protocol.CloseCode
	ends   int
}

func (l *line) Put(f *Frame) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames = append(l.frames, string(f.Text))
	return true
}

func (l *line) Flush() {}

func (l *line) End(code protocol.CloseCode, last *Frame) {
	if last != nil {
		l.Put(last)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.code = code
	l.ends++
}

// last returns the data of the newest frame, which has to be this event.
func (l *line) last(t *testing.T, ev protocol.EventName, into any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.frames) == 0 {
		t.Fatalf("no frame, want %s", ev)
	}
	var e struct {
		Ev   protocol.EventName `json:"ev"`
		Data json.RawMessage    `json:"data"`
	}
	f := l.frames[len(l.frames)-1]
	if err := json.Unmarshal([]byte(f), &e); err != nil || e.Ev != ev {
		t.Fatalf("the last frame is %s, want %s", f, ev)
	}
	if err := json.Unmarshal(e.Data, into); err != nil {
		t.Fatal(err)
	}
}

func who(user protocol.UserID, device protocol.Device) Who {
	return Who{
		User: protocol.User{ID: user}, Device: device, SignIn: string(user) + "/" + string(device),
		Address: "192.0.2.7", Agent: "a test",
	}
}

func open(r *Registry, w Who) (*Session, *line, []protocol.DeviceAttention) {
	l := &line{}
	s := New(w, l)
	return s, l, r.Open(s, protocol.At(time.UnixMilli(1_700_000_000_000)))
}

func TestReplacing(t *testing.T) {
	t.Run("the newest session of a kind wins, and the older is told by whom", func(t *testing.T) {
		r := NewRegistry(Config{})
		_, old, _ := open(r, who("kim", protocol.Web))
		newer, l, _ := open(r, who("kim", protocol.Web))
		var by protocol.Replaced
		old.last(t, protocol.EvReplaced, &by)
		if old.code != protocol.CloseReplaced || by.Device != protocol.Web || by.Address != "192.0.2.7" || by.Agent != "a test" || by.At == 0 {
			t.Errorf("closed with %d, told %+v", old.code, by)
		}
		if l.ends != 0 {
			t.Error("the newer one was ended")
		}
		if got := r.Of(nil, []protocol.UserID{"kim"}); len(got) != 1 || got[0] != newer {
			t.Errorf("live are %v", got)
		}
	})
	t.Run("another kind, and another person, stay", func(t *testing.T) {
		r := NewRegistry(Config{})
		_, desktop, _ := open(r, who("kim", protocol.Desktop))
		_, lee, _ := open(r, who("lee", protocol.Web))
		open(r, who("kim", protocol.Web))
		if desktop.ends+lee.ends != 0 || r.Count() != 3 {
			t.Errorf("%d sessions", r.Count())
		}
	})
	t.Run("a setting allows more per kind, at most five", func(t *testing.T) {
		r := NewRegistry(Config{PerKind: 9})
		var lines []*line
		for range 7 {
			_, l, _ := open(r, who("kim", protocol.Web))
			lines = append(lines, l)
		}
		for i, l := range lines {
			if (l.ends == 1) != (i < 2) {
				t.Errorf("session %d was ended %d times", i, l.ends)
			}
		}
	})
	t.Run("closing a replaced session does not touch the newer", func(t *testing.T) {
		r := NewRegistry(Config{})
		old, _, _ := open(r, who("kim", protocol.Web))
		open(r, who("kim", protocol.Web))
		r.Close(old)
		r.Close(old)
		if r.Count() != 1 {
			t.Errorf("%d sessions", r.Count())
		}
	})
}

func TestEnding(t *testing.T) {
	t.Run("ending a sign-in closes its session alone, with 4002", func(t *testing.T) {
		r := NewRegistry(Config{})
		_, web, _ := open(r, who("kim", protocol.Web))
		_, desktop, _ := open(r, who("kim", protocol.Desktop))
		r.EndSignIn("kim", "kim/web")
		if web.code != protocol.CloseSignedOut || desktop.ends != 0 || r.Count() != 1 {
			t.Errorf("web %d, desktop ended %d times, %d left", web.code, desktop.ends, r.Count())
		}
	})
	t.Run("ending a person closes all, and nobody else", func(t *testing.T) {
		r := NewRegistry(Config{})
		open(r, who("kim", protocol.Web))
		open(r, who("kim", protocol.Desktop))
		_, lee, _ := open(r, who("lee", protocol.Web))
		r.EndUser("kim")
		if lee.ends != 0 || r.Count() != 1 {
			t.Errorf("%d left", r.Count())
		}
	})
}

func TestAttention(t *testing.T) {
	reading := protocol.Attention{Room: "r1", Focused: true}
	t.Run("what one device says reaches the other devices, not itself", func(t *testing.T) {
		r := NewRegistry(Config{})
		web, own, _ := open(r, who("kim", protocol.Web))
		_, desktop, _ := open(r, who("kim", protocol.Desktop))
		_, lee, _ := open(r, who("lee", protocol.Web))
		r.Attend(web, reading)
		var said protocol.DeviceAttention
		desktop.last(t, protocol.EvAttention, &said)
		if said.Session != web.ID || said.Device != protocol.Web || said.Attention != reading || said.Gone {
			t.Errorf("said %+v", said)
		}
		if len(own.frames)+len(lee.frames) != 0 {
			t.Error("others heard it")
		}
		r.Attend(web, reading)
		if len(desktop.frames) != 1 {
			t.Error("the same was said twice")
		}
	})
	t.Run("a new session learns what the others said", func(t *testing.T) {
		r := NewRegistry(Config{})
		web, _, _ := open(r, who("kim", protocol.Web))
		r.Attend(web, reading)
		_, _, known := open(r, who("kim", protocol.Desktop))
		if len(known) != 1 || known[0].Attention != reading {
			t.Errorf("known %+v", known)
		}
	})
	t.Run("the end of a session is told, also when it was replaced", func(t *testing.T) {
		r := NewRegistry(Config{})
		web, _, _ := open(r, who("kim", protocol.Web))
		_, desktop, _ := open(r, who("kim", protocol.Desktop))
		r.Attend(web, reading)
		newer, _, _ := open(r, who("kim", protocol.Web))
		var said protocol.DeviceAttention
		desktop.last(t, protocol.EvAttention, &said)
		if !said.Gone || said.Session != web.ID {
			t.Errorf("said %+v", said)
		}
		r.Attend(newer, reading)
		r.Close(newer)
		desktop.last(t, protocol.EvAttention, &said)
		if !said.Gone || said.Session != newer.ID {
			t.Errorf("said %+v", said)
		}
	})
	t.Run("an ended session says nothing any more", func(t *testing.T) {
		r := NewRegistry(Config{})
		web, _, _ := open(r, who("kim", protocol.Web))
		_, desktop, _ := open(r, who("kim", protocol.Desktop))
		r.Close(web)
		r.Attend(web, reading)
		if len(desktop.frames) != 0 {
			t.Errorf("heard %v", desktop.frames)
		}
	})
}

// However sessions come and go, the registry holds the newest of each person and kind.
func TestTheRegistryHoldsTheNewestOfEachKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := NewRegistry(Config{})
		live := map[string]*Session{}
		var all []*Session
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(all) > 0 && rapid.Bool().Draw(t, "close") {
				s := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
				r.Close(s)
				if live[s.SignIn] == s {
					delete(live, s.SignIn)
				}
				continue
			}
			user := protocol.UserID(fmt.Sprintf("u%d", rapid.IntRange(0, 3).Draw(t, "user")))
			device := []protocol.Device{protocol.Web, protocol.Desktop, protocol.Mobile}[rapid.IntRange(0, 2).Draw(t, "device")]
			s, _, _ := open(r, who(user, device))
			all = append(all, s)
			live[s.SignIn] = s
		}
		got := r.Of(nil, []protocol.UserID{"u0", "u1", "u2", "u3"})
		if len(got) != len(live) || r.Count() != len(live) {
			t.Fatalf("%d live, counted %d, want %d", len(got), r.Count(), len(live))
		}
		for _, s := range got {
			if live[s.SignIn] != s {
				t.Fatalf("%s is not the newest of %s", s.ID, s.SignIn)
			}
		}
	})
}

func TestAFrameIsShapedOnceForAll(t *testing.T) {
	f := NewFrame(protocol.Push{Ev: protocol.EvLink, Data: protocol.Link{State: protocol.Online}})
	calls := 0
	for range 3 {
		got := f.Form(1, func(text []byte) []byte { calls++; return append([]byte("x"), text...) })
		if string(got) != "x"+string(f.Text) {
			t.Errorf("got %s", got)
		}
	}
	if calls != 1 {
		t.Errorf("shaped %d times", calls)
	}
}
