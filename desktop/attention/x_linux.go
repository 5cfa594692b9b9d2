package attention

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"

	"sendjay/desktop/attention/xsync"
)

// idleCounter counts the milliseconds since the last input, in every X server that is not very old.
const idleCounter = "IDLETIME"

// justNow is an age in milliseconds that only an input brings about.
const justNow = 1

// xServer is one connection to the X server. It counts the time since the last input, and calls; where it has no such
// counter it is asked.
type xServer struct {
	conn *xgb.Conn
	root xproto.Window
	sync *xsync.Sync // nil where it has to be asked
	idle xsync.Counter
	ages []time.Duration
	full *fullScreen

	mu   sync.Mutex  // guards the field below
	back xsync.Alarm // goes off as somebody comes back; 0 while he is there
}

// dialX returns nil where there is no X server that can tell. It calls at these ages of the last input.
func dialX(ages []time.Duration) *xServer {
	// The library tells standard error of what it tries; what counts comes back as an error.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConn()
	if err != nil {
		return nil
	}
	x := &xServer{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, ages: ages}
	if x.alarms() != nil {
		x.sync = nil
		err = screensaver.Init(conn)
	}
	if _, known := x.since(); err != nil || !known {
		conn.Close()
		return nil
	}
	x.full = newFullScreen(conn, x.root)
	return x
}

// alarms lets the server call at each of its ages, and when somebody comes back.
func (x *xServer) alarms() (err error) {
	if x.sync, err = xsync.New(x.conn); err != nil {
		return err
	}
	if x.idle, err = x.sync.Counter(idleCounter); err != nil {
		return err
	}
	if x.idle == 0 {
		return errors.New("the X server does not count the time since the last input")
	}
	for _, age := range x.ages {
		if _, err := x.sync.NewAlarm(x.idle, xsync.Upwards, age.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}

// calls reports whether the server calls.
func (x *xServer) calls() bool { return x.sync != nil }

func (x *xServer) since() (time.Duration, bool) {
	if x.sync == nil {
		info, err := screensaver.QueryInfo(x.conn, xproto.Drawable(x.root)).Reply()
		if err != nil || info == nil {
			return 0, false
		}
		return time.Duration(info.MsSinceUserInput) * time.Millisecond, true
	}
	age, err := x.age()
	if err != nil {
		return 0, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch away := age >= x.ages[0]; {
	case away && x.back == 0:
		x.back, err = x.sync.NewAlarm(x.idle, xsync.Downwards, justNow)
		if err == nil { // an input between the question and the alarm would be missed
			age, err = x.age()
		}
	case !away && x.back != 0:
		// A server that has an alarm at a moment ago does not look at those in the future for that moment, and sleeps on.
		err, x.back = x.sync.Drop(x.back), 0
	}
	return age, err == nil
}

func (x *xServer) age() (time.Duration, error) {
	ms, err := x.sync.Value(x.idle)
	return time.Duration(ms) * time.Millisecond, err
}

// watch reports what the server says until the connection ends.
func (x *xServer) watch(report func(sign)) {
	x.full.look(report)
	for {
		event, fault := x.conn.WaitForEvent()
		switch e := event.(type) {
		case nil:
			if fault == nil {
				return
			}
		case xsync.AlarmNotify:
			report(inputMoved)
		default:
			if x.full.moved(e) {
				x.full.look(report)
			}
		}
	}
}

func (x *xServer) close() { x.conn.Close() }
