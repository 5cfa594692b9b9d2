// Package xsync speaks what we need of X11's SYNC extension: system counters, and alarms at values of them.
// It knows the protocol's bytes; it does not know what is counted, or why.
//
// The X library that we use has no such package. The encodings are those of "X Synchronization Extension Protocol",
// version 3.1.
package xsync

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// name is what the X server calls the extension.
const name = "SYNC"

// The requests, events and errors, by their place in the extension's own.
const (
	initialize         = 0
	listSystemCounters = 1
	queryCounter       = 5
	createAlarm        = 8
	destroyAlarm       = 11

	alarmNotify = 1

	badCounter = 0
	badAlarm   = 1
)

// Counter and Alarm are ids of the X server.
type (
	Counter uint32
	Alarm   uint32
)

// Test says when an alarm goes off: as the counter's value passes the alarm's upwards, or downwards.
type Test uint32

// The tests.
const (
	Upwards   Test = 0
	Downwards Test = 1
)

// The attributes of an alarm, as bits of a mask: their values follow in this order.
const (
	hasCounter   = 1 << 0
	hasValueType = 1 << 1
	hasValue     = 1 << 2
	hasTest      = 1 << 3
	hasDelta     = 1 << 4
	hasEvents    = 1 << 5
)

const absolute = 0

// AlarmNotify tells that an alarm went off, and at which value of its counter.
type AlarmNotify struct {
	Alarm Alarm
	Value int64
	raw   []byte
}

// Bytes returns the event as it came.
func (e AlarmNotify) Bytes() []byte { return e.raw }

func (e AlarmNotify) String() string { return fmt.Sprintf("AlarmNotify {%d at %d}", e.Alarm, e.Value) }

// fault is an error of the extension.
type fault struct {
	what     string
	sequence uint16
	bad      uint32
}

func (f fault) SequenceId() uint16 { return f.sequence }
func (f fault) BadId() uint32      { return f.bad }
func (f fault) Error() string      { return fmt.Sprintf("no such %s: %d", f.what, f.bad) }

var errShort = errors.New("xsync: an answer is too short")

// Sync is the extension on one connection.
type Sync struct {
	conn   *xgb.Conn
	opcode byte
}

// New begins to use the extension, where the server has it.
func New(conn *xgb.Conn) (*Sync, error) {
	reply, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply()
	if err != nil {
		return nil, err
	}
	if !reply.Present {
		return nil, errors.New("xsync: the X server has no such extension")
	}
	// The library reads events and errors by what it is told here, for all connections alike.
	xgb.NewEventFuncs[int(reply.FirstEvent)+alarmNotify] = readAlarmNotify
	for place, what := range map[int]string{badCounter: "counter", badAlarm: "alarm"} {
		xgb.NewErrorFuncs[int(reply.FirstError)+place] = func(raw []byte) xgb.Error {
			return fault{what, xgb.Get16(raw[2:]), xgb.Get32(raw[4:])}
		}
	}
	s := &Sync{conn: conn, opcode: reply.MajorOpcode}
	const major, minor = 3, 1
	_, err = s.ask(initialize, []byte{major, minor, 0, 0})
	return s, err
}

// Counter returns the system counter with a name, 0 where there is none.
func (s *Sync) Counter(name string) (Counter, error) {
	raw, err := s.ask(listSystemCounters, nil)
	if err != nil {
		return 0, err
	}
	return find(raw, name)
}

// find reads the list of counters: each is an id, a resolution of 64 bits, and a name that fills whole words together
// with its length.
func find(raw []byte, name string) (Counter, error) {
	const head, entry = 32, 14
	if len(raw) < head {
		return 0, errShort
	}
	rest := raw[head:]
	for range binary.LittleEndian.Uint32(raw[8:]) {
		if len(rest) < entry {
			return 0, errShort
		}
		length := int(binary.LittleEndian.Uint16(rest[12:]))
		size := (entry + length + 3) / 4 * 4
		if len(rest) < size {
			return 0, errShort
		}
		if string(rest[entry:entry+length]) == name {
			return Counter(binary.LittleEndian.Uint32(rest)), nil
		}
		rest = rest[size:]
	}
	return 0, nil
}

// Value returns the present value of a counter.
func (s *Sync) Value(c Counter) (int64, error) {
	raw, err := s.ask(queryCounter, words(uint32(c)))
	if err != nil {
		return 0, err
	}
	if len(raw) < 16 {
		return 0, errShort
	}
	return wide(raw[8:]), nil
}

// NewAlarm makes an alarm that goes off each time that the counter passes value.
func (s *Sync) NewAlarm(c Counter, how Test, value int64) (Alarm, error) {
	id, err := s.conn.NewId()
	if err != nil {
		return 0, err
	}
	const all, again, tell = hasCounter | hasValueType | hasValue | hasTest | hasDelta | hasEvents, 0, 1
	body := words(id, all, uint32(c), absolute, high(value), uint32(value), uint32(how), again, again, tell)
	return Alarm(id), s.tell(createAlarm, body)
}

// Drop ends an alarm.
func (s *Sync) Drop(a Alarm) error { return s.tell(destroyAlarm, words(uint32(a))) }

func (s *Sync) ask(minor byte, body []byte) ([]byte, error) {
	cookie := s.conn.NewCookie(true, true)
	s.conn.NewRequest(s.request(minor, body), cookie)
	raw, err := cookie.Reply()
	if err == nil && raw == nil {
		err = errors.New("xsync: the connection is over")
	}
	return raw, err
}

func (s *Sync) tell(minor byte, body []byte) error {
	cookie := s.conn.NewCookie(true, false)
	s.conn.NewRequest(s.request(minor, body), cookie)
	return cookie.Check()
}

func (s *Sync) request(minor byte, body []byte) []byte {
	raw := []byte{s.opcode, minor, 0, 0}
	binary.LittleEndian.PutUint16(raw[2:], uint16(1+len(body)/4))
	return append(raw, body...)
}

func readAlarmNotify(raw []byte) xgb.Event {
	return AlarmNotify{Alarm: Alarm(binary.LittleEndian.Uint32(raw[4:])), Value: wide(raw[8:]), raw: raw}
}

func words(all ...uint32) (raw []byte) {
	for _, w := range all {
		raw = binary.LittleEndian.AppendUint32(raw, w)
	}
	return raw
}

// wide reads a value of 64 bits, whose upper half comes first.
func wide(raw []byte) int64 {
	return int64(binary.LittleEndian.Uint32(raw))<<32 | int64(binary.LittleEndian.Uint32(raw[4:]))
}

func high(v int64) uint32 { return uint32(v >> 32) }
