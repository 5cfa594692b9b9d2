package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"sendjay/shared/protocol"
)

// quietHours keeps more than one stretch a day: the original knew from when to when it may ring, every day.
func (m *migrator) quietHours(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "Z_USER_TBL")
	if err != nil || have["QUIET"] {
		return err
	}
	return m.exec(ctx, "ALTER TABLE Z_USER_TBL ADD COLUMN QUIET VARCHAR(2000) NOT NULL DEFAULT ''")
}

// awayAfter keeps after how many seconds somebody counts as idle.
func (m *migrator) awayAfter(ctx context.Context) error {
	have, err := m.s.d.columns(ctx, m.q, "Z_USER_TBL")
	if err != nil || have["AWAYAFTER"] {
		return err
	}
	return m.exec(ctx, "ALTER TABLE Z_USER_TBL ADD COLUMN AWAYAFTER INTEGER NOT NULL DEFAULT 0")
}

// everyDay are the days of the original's one stretch.
var everyDay = []int{0, 1, 2, 3, 4, 5, 6}

// Settings returns what user has chosen for all devices, ErrNoUser when there is no such person. Where QUIET is
// empty, the original's columns count: it is quiet outside of TM_FR to TM_TO.
func (s *Store) Settings(ctx context.Context, user protocol.UserID) (protocol.NotifySettings, error) {
	out := protocol.NotifySettings{QuietHours: []protocol.QuietHours{}}
	var off, body, sender, from, to, quiet, looks, urgent string
	err := s.read.QueryRowContext(ctx, "SELECT NOTI_OFF, BODY_OFF, SENDER_OFF, TM_FR, TM_TO, QUIET, PREFS, AWAYAFTER, URGENTOFF FROM Z_USER_TBL WHERE USER_ID=?", string(user)).
		Scan(&off, &body, &sender, &from, &to, &quiet, &looks, &out.AwayAfter, &urgent)
	if errors.Is(err, sql.ErrNoRows) {
		return out, ErrNoUser
	}
	if err != nil {
		return out, s.d.translate(err)
	}
	out.NotifyOff, out.HideBody, out.HideSender, out.UrgentOff = off == "Y", body == "Y", sender == "Y", urgent == "Y"
	if looks != "" {
		if err := json.Unmarshal([]byte(looks), &out.Looks); err != nil {
			return out, err
		}
	}
	if quiet == "" {
		if q, ok := outside(from, to); ok {
			out.QuietHours = append(out.QuietHours, q)
		}
		return out, nil
	}
	return out, json.Unmarshal([]byte(quiet), &out.QuietHours)
}

// SetSettings keeps them. The original's columns say the same where they can.
func (s *Store) SetSettings(ctx context.Context, user protocol.UserID, n protocol.NotifySettings, then func()) error {
	quiet, err := json.Marshal(n.QuietHours)
	if err != nil {
		return err
	}
	looks := ""
	if n.Looks != nil {
		raw, err := json.Marshal(n.Looks)
		if err != nil {
			return err
		}
		looks = string(raw)
	}
	from, to := "", ""
	if len(n.QuietHours) == 1 && len(n.QuietHours[0].Days) == len(everyDay) {
		from, to = legacyClock(n.QuietHours[0].To), legacyClock(n.QuietHours[0].From)
	}
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// A change to the same values meets no row on MySQL, so the row is asked for first.
		var n1 int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM Z_USER_TBL WHERE USER_ID=?", string(user)).Scan(&n1); err != nil {
			return err
		}
		if n1 == 0 {
			return ErrNoUser
		}
		_, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET NOTI_OFF=?, BODY_OFF=?, SENDER_OFF=?, TM_FR=?, TM_TO=?, QUIET=?, PREFS=?, AWAYAFTER=?, URGENTOFF=?, OWNMS="+s.d.nowMS()+" WHERE USER_ID=?",
			yes(n.NotifyOff), yes(n.HideBody), yes(n.HideSender), from, to, string(quiet), looks, n.AwayAfter, yes(n.UrgentOff), string(user))
		return err
	}, then)
}

// outside turns the original's time of ringing, "HHMM" to "HHMM", into the quiet rest of the day. What says
// "all day", or nothing that is a time, is not quiet at all.
func outside(from, to string) (protocol.QuietHours, bool) {
	if from == "" && to == "" || from == to {
		return protocol.QuietHours{}, false
	}
	ends, starts := "00:00", "00:00"
	if len(from) == 4 {
		ends = from[:2] + ":" + from[2:]
	}
	if len(to) == 4 && to != "2400" {
		starts = to[:2] + ":" + to[2:]
	}
	_, ok1 := protocol.ClockMinutes(ends)
	_, ok2 := protocol.ClockMinutes(starts)
	return protocol.QuietHours{Days: everyDay, From: starts, To: ends}, ok1 && ok2 && ends != starts
}

func legacyClock(s string) string { return s[:2] + s[3:] }
