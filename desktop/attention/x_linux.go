package attention

import (
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// xIdle returns how to ask the X server for the time since the last input, nil when it cannot tell.
func xIdle() func() (time.Duration, bool) {
	// The library tells standard error of what it tries; what counts comes back as an error.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConn()
	if err != nil {
		return nil
	}
	if err := screensaver.Init(conn); err != nil {
		conn.Close()
		return nil
	}
	root := xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)
	ask := func() (time.Duration, bool) {
		info, err := screensaver.QueryInfo(conn, root).Reply()
		if err != nil || info == nil {
			return 0, false
		}
		return time.Duration(info.MsSinceUserInput) * time.Millisecond, true
	}
	if _, ok := ask(); !ok {
		conn.Close()
		return nil
	}
	return ask
}
