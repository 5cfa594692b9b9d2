package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestEveryLineOfTheTableIsCarriedOut(t *testing.T) {
	for _, c := range protocol.Commands {
		if ops[c.Op] == nil {
			t.Errorf("%s is in the table and nowhere else", c.Op)
		}
	}
	if len(ops) != len(protocol.Commands) {
		t.Errorf("%d ops, %d lines in the table", len(ops), len(protocol.Commands))
	}
}

func TestDo(t *testing.T) {
	s := New(Config{Sessions: session.NewRegistry(session.Config{})})
	for _, c := range []struct {
		name, data string
		op         protocol.Op
		want       protocol.Code
	}{
		{"an unknown op is refused", `{}`, "no.such", protocol.UnknownOp},
		{"no op is refused", `{}`, "", protocol.UnknownOp},
		{"no data is empty data", ``, protocol.OpPing, ""},
		{"null is empty data", ` null `, protocol.OpPing, ""},
		{"a list is no data", `[]`, protocol.OpPing, protocol.BadRequest},
		{"unknown fields are passed over", `{"colour":"red"}`, protocol.OpPing, ""},
		{"a missing id is refused", `{"room":"r","body":"x"}`, protocol.OpMessageSend, protocol.BadRequest},
		{"a system type is refused", `{"id":"m","room":"r","type":"leave","body":"x"}`, protocol.OpMessageSend, protocol.BadRequest},
		{"a field of the wrong type is refused", `{"id":7,"room":"r","body":"x"}`, protocol.OpMessageSend, protocol.BadRequest},
		{"a lone surrogate is refused", `{"id":"m","room":"r","body":"\ud800"}`, protocol.OpMessageSend, protocol.BadRequest},
		{"a NUL is refused", `{"id":"m","room":"r","body":"a\u0000"}`, protocol.OpMessageSend, protocol.BadRequest},
		{"a hundred levels are passed over", `{"deep":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, protocol.OpPing, ""},
		{"too long a text is refused", `{"id":"m","room":"r","body":"` + strings.Repeat("가", 4001) + `"}`, protocol.OpMessageSend, protocol.TooLarge},
		{"a script types nothing", `{"room":"r","on":true}`, protocol.OpTyping, protocol.BadRequest},
		{"a script may ask once who is here", `{"users":["kim"]}`, protocol.OpWatch, ""},
		{"too many to watch are refused", `{"users":["kim"` + strings.Repeat(`,"kim"`, 500) + `]}`, protocol.OpWatch, protocol.TooLarge},
		{"a script has no attention", `{"room":"r","focused":true,"idle":0}`, protocol.OpAttention, protocol.BadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Do(t.Context(), Caller{ID: "kim"}, c.op, []byte(c.data))
			if got := protocol.CodeOf(err); got != c.want {
				t.Errorf("got %q, want %q (%v)", got, c.want, err)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	ask := func(s *Commands, b *Budget, op protocol.Op) *protocol.Refusal {
		_, err := s.Do(t.Context(), Caller{ID: "kim", Budget: b}, op, []byte(`{}`))
		if r, ok := errors.AsType[*protocol.Refusal](err); ok && r.Code == protocol.RateLimited {
			return r
		}
		return nil
	}
	t.Run("a burst passes, then the rate", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, b := New(Config{}), &Budget{}
			for n := range sendBurst {
				if ask(s, b, protocol.OpMessageSend) != nil {
					t.Fatalf("refused after %d", n)
				}
			}
			r := ask(s, b, protocol.OpMessageSend)
			if r == nil || r.RetryAfter < 1 {
				t.Fatalf("got %+v", r)
			}
			if ask(s, b, protocol.OpPing) != nil {
				t.Error("other ops are counted together with sends")
			}
			time.Sleep(time.Second)
			passed := 0
			for range 2 * sendsPerSecond {
				if ask(s, b, protocol.OpMessageSend) == nil {
					passed++
				}
			}
			if passed != sendsPerSecond {
				t.Errorf("%d passed in a second, want %d", passed, sendsPerSecond)
			}
		})
	})
	t.Run("an unknown op is not counted, and nothing is when limits are off", func(t *testing.T) {
		s, b := New(Config{Unlimited: true}), &Budget{}
		for range 2 * otherBurst {
			if r := ask(s, b, protocol.OpPing); r != nil {
				t.Fatalf("got %+v", r)
			}
		}
	})
}

func TestFault(t *testing.T) {
	secret := errors.New("SELECT secret FROM inside")
	for _, c := range []struct {
		name   string
		err    error
		code   protocol.Code
		logged bool
	}{
		{"what a person can act on is said and not logged", protocol.RefuseField(protocol.NotFound, "room"), protocol.NotFound, false},
		{"what nobody can act on is logged and called internal", secret, protocol.Internal, true},
		{"what is unavailable is said, and logged with its cause", fmt.Errorf("send: %w: %w", protocol.Refuse(protocol.Unavailable), store.ErrFull), protocol.Unavailable, true},
		{"a full disk is unavailable, whoever writes", fmt.Errorf("sign in: %w", store.ErrFull), protocol.Unavailable, true},
		{"running out of time is unavailable", fmt.Errorf("send: %w", context.DeadlineExceeded), protocol.Unavailable, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			s := New(Config{
				Log: slog.New(slog.NewTextHandler(&log, nil)),
				Say: func(lang string, code protocol.Code) string { return lang + ":" + string(code) },
			})
			f := s.Fault("ko", "message.send", "kim", c.err)
			if f.Code != c.code || f.Message != "ko:"+string(c.code) {
				t.Errorf("got %+v", f)
			}
			if strings.Contains(f.Message, "secret") {
				t.Error("the answer tells of the inside")
			}
			if logged := log.Len() > 0; logged != c.logged || logged && strings.Count(log.String(), "request=") != 1 {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

// FuzzDo puts any bytes behind any op; without a chat behind them only what fails its check may come back.
func FuzzDo(f *testing.F) {
	f.Add(`{"id":1,"op":"ping","data":{}}`)
	f.Add(`{"op":"message.send","data":{"id":"m","room":"","type":"talk","body":"x"}}`)
	f.Add(`{"op":"room.create","data":{"members":["a",1]}}`)
	f.Add("{\"op\":\"attention.set\",\"data\":{\"idle\":\"\xff\"}}")
	f.Fuzz(func(t *testing.T, frame string) {
		ask, err := protocol.ReadAsk([]byte(frame))
		if err != nil {
			if protocol.CodeOf(err) != protocol.BadRequest {
				t.Fatalf("%v", err)
			}
			return
		}
		if _, err := protocol.ReadRequest(ask.Op, ask.Data); err != nil && protocol.CodeOf(err) == protocol.Internal {
			t.Fatalf("%q: %v", frame, err)
		}
	})
}
