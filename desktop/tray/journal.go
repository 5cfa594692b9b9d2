package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sendjay/desktop/state"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

const (
	// journalLines is how many verdicts --diagnose shows.
	journalLines = 50
	// journalLife is how long a verdict is kept to answer "why did I (not) hear of this?".
	journalLife = 14 * 24 * time.Hour
	// journalMost bounds how many messages have a verdict on the disk, which is some MB.
	journalMost = 20_000
	// journalWait gathers verdicts for one write.
	journalWait = 5 * time.Second
)

// ledger keeps verdicts on disk: a state.State.
type ledger interface {
	Get(b state.Bucket, key string) (json.RawMessage, error)
	PutAll(b state.Bucket, values map[string]json.RawMessage) error
	Prune(b state.Bucket, old func(json.RawMessage) bool) error
}

// journal keeps what this device decided about messages, without any text of theirs. It belongs to the loop.
type journal struct {
	disk  ledger
	later func(wait time.Duration, job func()) // runs job in the loop
	log   *slog.Logger

	lines  []string                      // the latest, for --diagnose
	fresh  map[string][]protocol.Decided // not on disk yet
	waits  bool
	pruned time.Time
}

// of begins anew for a person.
func (j *journal) of(protocol.UserID) {
	j.flush()
	j.lines, j.pruned = nil, time.Time{}
}

func verdictKey(room protocol.RoomID, seq protocol.Seq) string {
	return fmt.Sprintf("%s/%d", room, seq)
}

// add notes a verdict. The same one twice in a row counts once.
func (j *journal) add(m protocol.Message, v notify.Verdict) {
	now := time.Now()
	j.lines = append(j.lines, fmt.Sprintf("%s room %s seq %d: %s, because %s", now.Format(time.DateTime), m.Room, m.Seq, v.Then, v.Why))
	if over := len(j.lines) - journalLines; over > 0 {
		j.lines = append([]string(nil), j.lines[over:]...)
	}
	key := verdictKey(m.Room, m.Seq)
	all := j.about(m.Room, m.Seq)
	if n := len(all); n > 0 && all[n-1].Why == v.Why && all[n-1].Then == string(v.Then) || n >= protocol.Limits.Verdicts {
		return
	}
	if j.fresh == nil {
		j.fresh = map[string][]protocol.Decided{}
	}
	j.fresh[key] = append(all, protocol.Decided{At: protocol.At(now), Then: string(v.Then), Why: v.Why})
	if !j.waits && j.later != nil {
		j.waits = true
		j.later(journalWait, j.flush)
	}
}

// about returns what was decided about a message, the newest last; never nil.
func (j *journal) about(room protocol.RoomID, seq protocol.Seq) []protocol.Decided {
	key := verdictKey(room, seq)
	if all := j.fresh[key]; all != nil {
		return all
	}
	all := []protocol.Decided{}
	if j.disk != nil {
		if raw, err := j.disk.Get(state.Verdicts, key); err == nil && raw != nil {
			_ = json.Unmarshal(raw, &all) // one that cannot be read is one that is not there
		}
	}
	return all
}

// flush writes what waits, and once a day forgets what is old.
func (j *journal) flush() {
	j.waits = false
	if j.disk == nil || len(j.fresh) == 0 {
		return
	}
	values := map[string]json.RawMessage{}
	for key, all := range j.fresh {
		if raw, err := json.Marshal(all); err == nil {
			values[key] = raw
		}
	}
	clear(j.fresh)
	err := j.disk.PutAll(state.Verdicts, values)
	if now := time.Now(); err == nil && now.Sub(j.pruned) > 24*time.Hour {
		j.pruned = now
		err = j.prune(now.Add(-journalLife))
	}
	if err != nil {
		j.log.Warn("the reasons for notifications cannot be kept", "error", err)
	}
}

// prune forgets what was decided before then, and of more than there may be what is oldest.
func (j *journal) prune(then time.Time) error {
	var times []time.Time
	before := func(raw json.RawMessage) bool {
		var all []protocol.Decided
		if json.Unmarshal(raw, &all) != nil || len(all) == 0 || all[len(all)-1].At.Time().Before(then) {
			return true
		}
		times = append(times, all[len(all)-1].At.Time())
		return false
	}
	if err := j.disk.Prune(state.Verdicts, before); err != nil || len(times) <= journalMost {
		return err
	}
	slices.SortFunc(times, time.Time.Compare)
	then, times = times[len(times)-journalMost], nil
	return j.disk.Prune(state.Verdicts, before)
}

func (j *journal) String() string { return strings.Join(j.lines, "\n") }
