package edge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/outbox"
	"sendjay/shared/protocol"
)

// items returns the outbox as the page sees it.
func (p *page) items() map[string]outbox.Item {
	p.t.Helper()
	var all map[string]outbox.Item
	if err := json.Unmarshal([]byte(p.want(200, "GET", "/edge/v1/keep/outbox", "")), &all); err != nil {
		p.t.Fatal(err)
	}
	return all
}

func TestWhatIsSaidWithoutALineIsNotLost(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	dir := t.TempDir()
	tr := begin(t, dir, "http://"+wire.Addr)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	wire.Cut()
	s.link(protocol.Offline)

	// talk: refused, kept; invite, leave and read: taken; typing and the like: dropped; create: refused.
	if f := s.ask(protocol.OpMessageSend, talk("m1")); f.Error == nil || f.Error.Code != protocol.Unavailable {
		t.Errorf("talk: %+v", f)
	}
	for _, c := range []struct {
		op   protocol.Op
		data string
	}{
		{protocol.OpMessageRead, `{"room":"r1","seq":3}`},
		{protocol.OpRoomInvite, `{"room":"r1","members":["lee"]}`},
		{protocol.OpMessageRead, `{"room":"r1","seq":7}`},
		{protocol.OpMessageRead, `{"room":"r1","seq":5}`},
		{protocol.OpRoomLeave, `{"room":"r1"}`},
	} {
		var done protocol.Done
		if f := s.ask(c.op, c.data); f.Error != nil || json.Unmarshal(f.Data, &done) != nil || !done.Queued {
			t.Errorf("%s: %+v", c.op, f)
		}
	}
	if f := s.ask(protocol.OpRoomCreate, `{"members":["lee"]}`); f.Error == nil || f.Error.Code != protocol.Unavailable {
		t.Errorf("create: %+v", f)
	}
	if f := s.ask(protocol.OpRoomInvite, `{"room":"r1"}`); f.Error == nil || f.Error.Code != protocol.BadRequest {
		t.Errorf("a wrong command was queued: %+v", f)
	}
	if item := p.items()["m1"]; item.State != outbox.Failed || item.Code != protocol.Unavailable || item.Body != "text of m1" {
		t.Errorf("item %+v", item)
	}

	tr.stop() // the computer is switched off
	tr = begin(t, dir, "http://"+wire.Addr)
	wire.Mend()
	tr.link.Wake()
	tr.until(protocol.Online)
	up.Until("three commands came", func() bool { return len(up.Asked()) == 3 })
	var got []string
	for _, ask := range up.Asked() {
		got = append(got, string(ask.Op)+string(ask.Data))
	}
	want := `room.invite{"room":"r1","members":["lee"]} message.read{"room":"r1","seq":7} room.leave{"room":"r1"}`
	if strings.Join(got, " ") != want {
		t.Errorf("in this order: %v", got)
	}
	// The message waits for the person's word.
	p = tr.open()
	if len(up.Messages()) != 0 || p.items()["m1"].State != outbox.Failed {
		t.Error("the message went up by itself")
	}
	s = p.dial()
	if f := s.ask(protocol.OpMessageSend, talk("m1")); f.Error != nil {
		t.Errorf("resend: %+v", f)
	}
	if len(p.items()) != 0 || len(up.Messages()) != 1 {
		t.Errorf("after resending: %v, %v", p.items(), up.Messages())
	}
}

func TestWhatIsSentAgainGoesOutAsSoonAsThereIsAWay(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	tr := begin(t, t.TempDir(), "http://"+wire.Addr)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	wire.Cut()
	s.link(protocol.Offline)
	if f := s.ask(protocol.OpMessageSend, talk("m1")); f.Error == nil || f.Error.Code != protocol.Unavailable {
		t.Errorf("the first time: %+v", f)
	}
	wire.Mend() // nobody tells the tray
	if f := s.ask(protocol.OpMessageSend, talk("m1")); f.Error != nil {
		t.Errorf("the second time: %+v", f)
	}
	if len(p.items()) != 0 || len(up.Messages()) != 1 {
		t.Errorf("after it: %v, %v", p.items(), up.Messages())
	}
}

func TestAMessageWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	tr := begin(t, t.TempDir(), "http://"+wire.Addr)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	up.LoseSends.Store(1)
	go func() {
		up.Until("it is stored", func() bool { return len(up.Messages()) == 1 })
		wire.Cut()
	}()
	if f := s.ask(protocol.OpMessageSend, talk("m1")); f.Error == nil || f.Error.Code != protocol.Unavailable {
		t.Fatalf("reply %+v", f)
	}
	if item := p.items()["m1"]; item.State != outbox.Failed || !item.Unsure {
		t.Errorf("item %+v", item)
	}
	wire.Mend()
	tr.link.Wake()
	if f := s.event(protocol.EvMessage); !strings.Contains(string(f.Data), "m1") {
		t.Errorf("event %+v", f)
	}
	if len(p.items()) != 0 {
		t.Errorf("still in the outbox: %v", p.items())
	}
}

func TestTheServerKilledInAFloodLosesNothingThatWasAcknowledged(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	acknowledged := map[string]bool{}
	for i := range 120 {
		id := "m" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		if i%40 == 20 {
			up.LoseSends.Store(1)
			go func() {
				up.Until("it is stored", func() bool { return len(up.Messages()) > i })
				up.Drop(0)
			}()
		}
		if f := s.ask(protocol.OpMessageSend, talk(id)); f.Error == nil {
			acknowledged[id] = true
			continue
		}
		for f := s.ask(protocol.OpMessageSend, talk(id)); f.Error != nil; f = s.ask(protocol.OpMessageSend, talk(id)) {
			if f.Error.Code != protocol.Unavailable {
				t.Fatalf("%+v", f)
			}
			tr.link.Wake()
			if tr.link.State().State != protocol.Online {
				s.link(protocol.Online)
			}
		}
		acknowledged[id] = true
	}
	seen := map[protocol.MessageID]int{}
	for _, m := range up.Messages() {
		seen[m.ID]++
	}
	for id := range acknowledged {
		if seen[protocol.MessageID(id)] != 1 {
			t.Errorf("%s is there %d times", id, seen[protocol.MessageID(id)])
		}
	}
	if len(p.items()) != 0 {
		t.Errorf("left in the outbox: %v", p.items())
	}
}

func TestAnOlderSessionIsReplacedAndTakenBack(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	tr := begin(t, t.TempDir(), up.URL)
	p := tr.open()
	p.signIn("kim")
	s := p.dial()
	up.Push(protocol.Push{Ev: protocol.EvReplaced, Data: protocol.Replaced{Device: protocol.Desktop, Address: "10.0.0.9"}})
	up.Drop(protocol.CloseReplaced)
	s.link(protocol.TakenOver)
	if by := tr.link.State().By; by == nil || by.Address != "10.0.0.9" {
		t.Fatalf("replaced by %+v", by)
	}
	p.want(204, "POST", "/edge/v1/use", "")
	s.link(protocol.Online)
}

func TestAnotherServerIsChosenOnlyWhenItAnswers(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	dir := t.TempDir()
	tr := begin(t, dir, "")
	p := tr.open()
	p.want(400, "PUT", "/edge/v1/server", `{"url":"ftp://nowhere"}`)
	p.want(503, "PUT", "/edge/v1/server", `{"url":"http://127.0.0.1:1"}`)
	p.want(200, "PUT", "/edge/v1/server", `{"url":"`+up.URL+`"}`)
	if text := p.want(200, "GET", "/edge/v1/server", ""); !strings.Contains(text, up.URL) {
		t.Error(text)
	}
	p.signIn("kim")
}
