package link

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/shared/protocol"
)

func TestWhatSpeaksForABoxOnTheWay(t *testing.T) {
	cut := over{err: io.EOF, reached: true, greeted: true, answered: true, lived: 10 * time.Second}
	refused := over{err: errors.New("connection refused")}
	gateway := over{err: errors.New("bad handshake"), status: http.StatusBadGateway, reached: true}
	hung := over{err: io.EOF, reached: true}
	late := over{err: context.DeadlineExceeded, reached: true}
	forbidden := over{err: errors.New("bad handshake"), status: http.StatusForbidden, reached: true}
	dead := over{err: io.EOF, reached: true, greeted: true, dead: true, lived: time.Minute}
	restart := over{code: protocol.CloseRestart, reached: true, greeted: true, lived: 10 * time.Second}
	for name, c := range map[string]struct {
		seen  []over
		plain bool
	}{
		"a box that says no":                                    {[]over{forbidden}, true},
		"one that never answers":                                {[]over{late}, true},
		"one that lets nothing through after the upgrade":       {[]over{dead}, true},
		"one that cuts every WebSocket soon":                    {[]over{cut, cut, cut}, true},
		"one that answers a WebSocket like a gateway, always":   {[]over{gateway, gateway, gateway}, true},
		"one that hangs up, always":                             {[]over{hung, hung, hung}, true},
		"a server that restarts once":                           {[]over{cut, refused, refused}, false},
		"a server that says so":                                 {[]over{restart, restart, restart, restart}, false},
		"a server that crashes again and again":                 {[]over{cut, refused, cut, refused, refused, cut, refused, cut}, false},
		"the same behind a gateway":                             {[]over{cut, gateway, cut, gateway, gateway, cut, gateway, cut, gateway, cut}, false},
		"a server that dies in the middle of an upgrade":        {[]over{cut, hung, cut, hung, hung, cut}, false},
		"a server that is away for long, where nobody listens":  {[]over{cut, refused, refused, refused, refused, refused, refused}, false},
		"a long line that is cut now and then by a bad network": {[]over{cut, cut, {err: io.EOF, reached: true, greeted: true, lived: time.Hour}, cut, cut}, false},
	} {
		l := &Link{}
		for _, o := range c.seen {
			l.learn(o)
		}
		if l.way.plain != c.plain {
			t.Errorf("%s: plain HTTP %v", name, l.way.plain)
		}
	}
}

func TestWhoTriesBothWaysInVainWaitsLongerAndLonger(t *testing.T) {
	var asked atomic.Int32
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer gateway.Close()
	gateway.Config.SetKeepAlivesEnabled(false)
	synctest.Test(t, func(t *testing.T) {
		l, err := New(Config{Server: gateway.URL, Device: "device", Agent: "test", Proxy: "direct"})
		if err != nil {
			t.Fatal(err)
		}
		l.token = tokens{access: "access", renew: time.Now().Add(48 * time.Hour)}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		l.Run(ctx)
	})
	// A minute at most, jitter, and the second way beside the first now and then.
	if n := asked.Load(); n < 60 || n > 400 {
		t.Errorf("a server that was gone for an hour was asked %d times", n)
	}
}

// deaf is a wire over which nothing comes back, unless it echoes.
type deaf struct {
	once   sync.Once
	closed chan struct{}
	wrote  func()
}

func (w *deaf) read() ([]byte, error) { <-w.closed; return nil, io.EOF }
func (w *deaf) write([][]byte) error  { w.wrote(); return nil }
func (w *deaf) greeted()              {}
func (w *deaf) close()                { w.once.Do(func() { close(w.closed) }) }

func overDeaf(t *testing.T, wrote func(c *line), f func(c *line, w *deaf)) {
	synctest.Test(t, func(*testing.T) {
		w := &deaf{closed: make(chan struct{})}
		c := &line{wire: w, down: make(chan struct{}), out: make(chan []byte, queued), try: make(chan struct{}, 1), asked: map[int64]*Call{}}
		w.wrote = func() { wrote(c) }
		c.hear()
		done := make(chan struct{})
		go func() { defer close(done); c.write(25*time.Second, newClockAlarm()) }()
		f(c, w)
		c.close()
		<-done
	})
}

func TestOnlyWhatWasTriedInVainMakesTheNextTrialWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &Link{Config: Config{Log: slog.New(slog.DiscardHandler)}, way: way{plain: true}}
		for range 3 {
			c := &line{down: make(chan struct{}), elsewhere: make(chan struct{}, 1)}
			done := make(chan struct{})
			go func() { defer close(done); l.tryAgain(t.Context(), c, "") }()
			time.Sleep(trialWaits[0] / 2)
			close(c.down)
			<-done
		}
		if l.way.trials != 0 {
			t.Errorf("%d lines that were cut before it count as trials", l.way.trials)
		}
	})
}

func TestADeadLineIsKnownWithin35Seconds(t *testing.T) {
	for name, last := range map[string]time.Duration{"silent from the start": 0, "something came before": 20 * time.Second, "just before the beat": 24 * time.Second} {
		overDeaf(t, func(*line) {}, func(c *line, w *deaf) {
			time.Sleep(last)
			c.hear()
			began := time.Now()
			<-w.closed
			if took := time.Since(began); took > 35*time.Second || took < 25*time.Second || !c.dead {
				t.Errorf("%s: known after %v, dead %v", name, took, c.dead)
			}
		})
	}
}

func TestAfterSleepADeadLineIsKnownWithinFiveSeconds(t *testing.T) {
	overDeaf(t, func(*line) {}, func(c *line, w *deaf) {
		time.Sleep(7 * time.Second)
		began := time.Now()
		c.probe()
		<-w.closed
		if took := time.Since(began); took > 5*time.Second || !c.dead {
			t.Errorf("known after %v, dead %v", took, c.dead)
		}
	})
}

func TestAnIdleLineIsAskedOnceABeatAndNoMore(t *testing.T) {
	var beats atomic.Int32
	overDeaf(t, func(c *line) {
		beats.Add(1)
		time.AfterFunc(80*time.Millisecond, c.hear)
	}, func(_ *line, w *deaf) {
		time.Sleep(time.Hour)
		select {
		case <-w.closed:
			t.Error("it was given up")
		default:
		}
		if n := beats.Load(); n < 140 || n > 144 {
			t.Errorf("%d beats in an hour", n)
		}
	})
}
