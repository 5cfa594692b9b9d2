package link

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"sendjay/shared/protocol"
)

// way is how the server is reached: by a WebSocket, or over plain HTTP where something on the way lets none through.
type way struct {
	plain  bool
	proven bool // a session stood over plain HTTP
	failed int  // attempts in a row to open one that failed
	trials int  // how often a WebSocket was tried in vain since
	short  int  // WebSockets in a row that were cut soon
	doubts int  // attempts in a row that failed as they do when the server is away
}

const (
	// shortLived is a WebSocket that was cut soon; that many in a row are no accident.
	shortLived = time.Minute
	shortLimit = 3
	// doubtLimit is how many attempts that look as if the server were away speak for something on the way after all:
	// a gateway answers so while the server behind it restarts, and some answer so to every WebSocket.
	doubtLimit = 3
	// failedLimit is how often plain HTTP may fail before a WebSocket is tried first again.
	failedLimit = 3
	// trialWithin bounds a trial.
	trialWithin = 20 * time.Second
)

// trialWaits are the times between trials of a WebSocket while the line goes over plain HTTP; the last one stays.
var trialWaits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// over is how a connection ended.
type over struct {
	code protocol.CloseCode
	by   *protocol.Replaced
	err  error
	// status of a refused upgrade; ours is set when the server itself refused.
	status int
	ours   bool
	// reached is set when somebody answered the call at all.
	reached bool
	greeted bool
	lived   time.Duration
	// dead is set when the other side fell silent, answered when it answered anything we asked.
	dead, answered bool
	// left is set when we went by ourselves.
	left bool
}

// blocked reports whether it looks as if something on the way lets no WebSocket through.
func (o over) blocked() bool {
	switch {
	case o.left || o.code != 0 && o.code != protocol.CloseSilent:
		return false
	case o.greeted:
		return !o.answered && (o.dead || o.code == protocol.CloseSilent)
	case o.status == http.StatusUnauthorized || o.status == http.StatusProxyAuthRequired || o.status >= 300 && o.status < 400:
		return false
	case o.status != 0 && o.ours:
		// The server got a request that had lost what makes it an upgrade.
		return o.status == http.StatusBadRequest || o.status == http.StatusUpgradeRequired
	}
	return o.status != 0 || o.reached && reason(o.err, 0) == ""
}

// away reports whether an attempt failed as it does when the server is not there, or just going: nobody listens, a
// gateway says that nobody is behind it, or somebody hangs up without a word.
func (o over) away() bool {
	if o.greeted || o.left || o.ours {
		return false
	}
	switch o.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case 0:
		var late net.Error
		return !o.reached || !errors.As(o.err, &late) || !late.Timeout()
	}
	return false
}

// goes reports whether the next attempt goes over plain HTTP.
func (l *Link) goes() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.way.plain
}

// learn draws the conclusion from how a connection ended, and reports whether another way is worth trying at once.
func (l *Link) learn(o over) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &l.way
	if w.plain {
		w.failed++
		switch {
		case o.greeted:
			w.proven, w.failed = true, 0
		case !w.proven || w.failed >= failedLimit:
			*w = way{} // this way is none either
		}
		return false
	}
	blocked := o.blocked()
	switch {
	case o.away():
		// Where the server went, a WebSocket that was cut before says nothing of the way.
		w.short = 0
		w.doubts++
		blocked = blocked && w.doubts >= doubtLimit
	case o.greeted && o.code == 0 && !o.left && o.lived < shortLived:
		w.short++
		w.doubts = 0
	case o.greeted:
		w.short, w.doubts = 0, 0
	}
	if blocked || w.short >= shortLimit {
		*w = way{plain: true}
		return true
	}
	return false
}

// tryAgain tries from time to time whether WebSockets get through by now, and ends the line when they do.
func (l *Link) tryAgain(ctx context.Context, c *line, server string) {
	for {
		l.mu.Lock()
		wait := trialWaits[min(l.way.trials, len(trialWaits)-1)]
		l.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-c.down:
			timer.Stop()
			return
		case <-c.elsewhere:
			timer.Stop()
		case <-timer.C:
		}
		if !l.trial(ctx, server) {
			// Only now: a line that is cut before has tried nothing, and the next one need not wait longer for it.
			l.mu.Lock()
			l.way.trials++
			l.mu.Unlock()
			continue
		}
		l.Log.Info("WebSockets get through again")
		l.mu.Lock()
		l.way = way{}
		l.mu.Unlock()
		c.leave()
		l.again()
		return
	}
}

// trial carries one frame each way over a WebSocket that is no session.
func (l *Link) trial(ctx context.Context, server string) bool {
	ctx, stop := context.WithTimeout(ctx, trialWithin)
	defer stop()
	token, err := l.access(ctx, "")
	if err != nil {
		return false
	}
	k := l.upgrade(ctx, server, "/ws?trial=1", token)
	if k.err != nil {
		return false
	}
	return echoes(ctx, k.ws)
}
