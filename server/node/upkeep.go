package node

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"sendjay/server/chat"
	"sendjay/server/jobs"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// forgetAfter is how long an expired sign-in stays, for whoever asks why he has to sign in again.
const forgetAfter = 24 * time.Hour

// limitsEvery is how long a limit that the command line changed may stay unseen, as it may at a node that did not
// hear of it.
const limitsEvery = 5 * time.Second

// newsEvery gathers what changed about people for those who have them on their screens.
const newsEvery = 2 * time.Second

// tellNews tells those who have somebody on their screens what changed about him, whoever changed it and wherever:
// a colleague, an administrator, the HR data, the command line. Who shares a room hears at once from chat.
func (n *Node) tellNews(ctx context.Context) error {
	if !n.sessions.Watched() {
		return nil
	}
	news, err := n.people.News(ctx)
	for _, u := range news {
		n.sessions.TellWatchers(u.ID, func() *session.Frame { return session.NewFrame(protocol.Push{Ev: protocol.EvUser, Data: u}) })
	}
	return err
}

// cleaning lists what is done from time to time.
func (n *Node) cleaning() []jobs.Job {
	return []jobs.Job{
		{Name: "forget expired sign-ins", Every: 6 * time.Hour, Do: func(ctx context.Context) error {
			return n.db.ForgetSignIns(ctx, time.Now().Add(-forgetAfter))
		}},
		{Name: "forget used tickets", Every: time.Hour, Do: func(ctx context.Context) error { return n.db.ForgetTickets(ctx, time.Now()) }},
		{Name: "forget old cards of links", Every: time.Hour, Do: n.cards.Sweep},
		{Name: "let expired files go", Every: 30 * time.Second, Do: n.SweepFiles},
		{Name: "bring people up to date", Every: 20 * time.Second, Do: n.feeds.Tick},
		{Name: "renew the signing key", Every: 12 * time.Hour, Do: n.Auth.Renew},
		{Name: "forget who was checked long ago", Every: 10 * time.Second, Do: n.Auth.Tidy, Local: true},
		{Name: "end sessions of deactivated people", Every: 10 * time.Second, Do: n.endInactive, Local: true},
		{Name: "look what is offered of the desktop", Every: time.Minute, Do: n.tellOffers},
		{Name: "forget who came and went long ago", Every: time.Hour, Do: func(ctx context.Context) error {
			return n.journal.Forget(ctx, n.limits.Now().LogLife)
		}},
		{Name: "delete messages by their age", Every: time.Hour, Do: n.retireOld},
		{Name: "tell of people who changed", Every: newsEvery, Do: n.tellNews, Local: true},
		{Name: "see which limits were changed elsewhere", Every: limitsEvery, Do: n.limits.Reload, Local: true},
		{Name: "say what the command line announced", Every: noticeEvery, Do: n.sayNotice, Local: true},
		{Name: "end sessions of ended sign-ins", Every: 10 * time.Second, Do: n.endRevoked, Local: true},
	}
}

// noticeEvery is how long a notice of the command line may stay unsaid.
const noticeEvery = 5 * time.Second

// sayNotice says to those who are here what the command line announced. Who comes later asks for it himself.
func (n *Node) sayNotice(ctx context.Context) error {
	a, is, err := n.talk.AnnouncedBeside(ctx)
	if err != nil || !is || a.ID == n.noticed {
		return err
	}
	n.noticed = a.ID
	f := session.NewFrame(protocol.Push{Ev: protocol.EvAnnounced, Data: a})
	for _, s := range n.sessions.Of(nil, n.sessions.Users()) {
		if s.Put(f) {
			s.Flush()
		}
	}
	return nil
}

// endInactive closes the sessions of people who were deactivated by the command line or by another node.
func (n *Node) endInactive(ctx context.Context) error {
	return n.everybody(ctx, func(page []store.Account) error {
		for _, p := range page {
			if !p.Active && len(n.sessions.Of(nil, []protocol.UserID{p.ID})) > 0 {
				n.sessions.EndUser(p.ID)
			}
		}
		return nil
	})
}

// tellOffers lets the devices know when the operator offers something else. They ask for themselves, each after
// a while of its own.
func (n *Node) tellOffers(ctx context.Context) error {
	now := n.offers.Stamp()
	if now == n.offered {
		return nil
	}
	n.offered = now
	return n.everybody(ctx, func(page []store.Account) error {
		to := make([]protocol.UserID, len(page))
		for i, p := range page {
			to[i] = p.ID
		}
		n.out.Publish(chat.Event{Push: protocol.Push{Ev: protocol.EvUpdates, Data: protocol.UpdateNews{}}, To: to})
		return nil
	})
}

// lookAt is how many sessions endRevoked asks for at once, lookEvery the rest after them, so that nobody's message
// waits for it.
const (
	lookAt    = 200
	lookEvery = 5 * time.Millisecond
)

// endRevoked closes the sessions whose sign-in was ended elsewhere, as by a new password from the command line.
func (n *Node) endRevoked(ctx context.Context) error {
	for some := range slices.Chunk(n.sessions.Of(nil, n.sessions.Users()), lookAt) {
		ids := make([]string, len(some))
		for i, s := range some {
			ids[i] = s.SignIn
		}
		live, err := n.db.LiveSignIns(ctx, ids)
		if err != nil {
			return err
		}
		slices.Sort(live)
		for _, s := range some {
			if _, lives := slices.BinarySearch(live, s.SignIn); !lives {
				n.sessions.EndSignIn(s.User, s.SignIn)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
	return nil
}

// everybody hands all accounts to each, page by page; nobody when nobody is here.
func (n *Node) everybody(ctx context.Context, each func([]store.Account) error) error {
	if n.sessions.Count() == 0 {
		return nil
	}
	for cursor := ""; ; {
		page, next, err := n.db.Accounts(ctx, "", cursor, 1000)
		if err != nil {
			return err
		}
		if err := each(page); err != nil || next == "" {
			return err
		}
		cursor = next
	}
}

// metrics returns what /metrics shows: our own parts, then the process.
func (n *Node) metrics() http.HandlerFunc {
	set := metrics.NewSet()
	set.NewGauge("sendjay_sessions", func() float64 { return float64(n.sessions.Count()) })
	set.NewGauge("sendjay_sockets_open", func() float64 { return float64(n.sockets.Stats().Open) })
	set.NewGauge("sendjay_sockets_polled", func() float64 { return float64(n.sockets.Stats().Polled) })
	set.NewGauge("sendjay_sockets_slow_total", func() float64 { return float64(n.sockets.Stats().Slow) })
	set.NewGauge("sendjay_sockets_silent_total", func() float64 { return float64(n.sockets.Stats().Silent) })
	set.NewGauge("sendjay_bad_frames_total", func() float64 { return float64(n.sockets.Stats().BadFrames) })
	if n.bus != nil {
		set.NewGauge("sendjay_nodes", func() float64 { return float64(n.bus.Others() + 1) })
		set.NewGauge("sendjay_sessions_elsewhere", func() float64 { return float64(n.sessions.Far()) })
		set.NewGauge("sendjay_bus_up", func() float64 { return oneIf(n.bus.Up()) })
		set.NewGauge("sendjay_bus_said_total", func() float64 { return float64(n.bus.Stats().Said) })
		set.NewGauge("sendjay_bus_heard_total", func() float64 { return float64(n.bus.Stats().Heard) })
		set.NewGauge("sendjay_bus_dropped_total", func() float64 { return float64(n.bus.Stats().Dropped) })
		set.NewGauge("sendjay_bus_missed_total", func() float64 { return float64(n.bus.Stats().Missed) })
	}
	set.NewGauge("sendjay_jobs_holder", func() float64 { return oneIf(n.jobs.Holder()) })
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	}
}

// retireOld removes what is older than messages are kept.
func (n *Node) retireOld(ctx context.Context) error {
	if life := n.limits.Now().MessageLife; life > 0 {
		return n.RetireBefore(ctx, time.Now().Add(-life))
	}
	return nil
}

// RetireBefore removes the messages from before t for everybody and for good, and writes down how many they were.
func (n *Node) RetireBefore(ctx context.Context, t time.Time) error {
	sum, err := n.talk.Retire(ctx, n.db, t)
	if sum.Messages == 0 {
		return err
	}
	about := map[string]any{"before": protocol.At(t), "messages": sum.Messages, "rooms": sum.Rooms}
	return errors.Join(err, n.db.Note(context.WithoutCancel(ctx), store.Act{Who: "server", Act: "messages.retire", Target: string(protocol.LimitMessageLife), About: about}))
}

// SweepFiles lets expired and given-up files go, with their bytes.
func (n *Node) SweepFiles(ctx context.Context) error { return n.files.Sweep(ctx) }

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
