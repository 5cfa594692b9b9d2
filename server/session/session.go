// Package session knows who is here: the live sessions of every person, and what each says of the
// person in front of it.
// It does not know the database, rooms or sockets; a session is reached through its Line.
// One session (or as many as are set) lives per person and device kind. The newest wins; the older
// is told by whom and ended.
//
// With several nodes each has in mind who is at the others: every node says over the bus who came and went,
// and says it all again when somebody asks, as after a line that was down. The newest is the same for all,
// because a session is stamped later than every session that its node had heard of. While the line is down
// each node decides by itself; once it is back, the older ones are told.
package session

import (
	"crypto/rand"
	"unique"

	"sendjay/shared/protocol"
)

// Line reaches one session. None of its methods waits for the other side.
type Line interface {
	// Put queues f and reports whether the caller has to call Flush once he has no more to put.
	Put(f *Frame) bool
	// Flush sends what is queued, in as few writes as possible.
	Flush()
	// End sends what is queued, then last unless it is nil, and closes the line with code.
	End(code protocol.CloseCode, last *Frame)
}

// Who is what is known of a session when it opens.
type Who struct {
	User   protocol.User
	Device protocol.Device
	// SignIn names the sign-in whose token opened the session.
	SignIn string
	// Address and Agent describe the device to the person.
	Address, Agent string
}

// agentBytes bounds what is kept of a device's description of itself.
const agentBytes = 160

// Session is one live connection of one device. Its fields do not change once it is open.
type Session struct {
	ID      protocol.SessionID
	User    protocol.UserID
	Device  protocol.Device
	SignIn  string
	Address string
	Agent   string

	line Line
	// noted is the name of the session in the log, set before it opens.
	noted int64

	// Guarded by the Registry.
	next      *Session // the person's next session, older than this one
	attention *protocol.Attention
	stamp     int64 // when it was opened, see Registry.stampLocked
	opened    protocol.Instant
}

// New returns a session that is not yet open. It keeps nothing of who but short strings, so that an
// idle session stays small.
func New(who Who, line Line) *Session {
	if len(who.Agent) > agentBytes {
		who.Agent = who.Agent[:agentBytes]
	}
	return &Session{
		ID:      protocol.SessionID(rand.Text()),
		User:    protocol.UserID(own(string(who.User.ID))),
		Device:  protocol.Device(own(string(who.Device))),
		SignIn:  own(who.SignIn),
		Address: own(who.Address),
		Agent:   own(who.Agent),
		line:    line,
	}
}

// own returns s from the table of equal strings: most agents and addresses are the same, and none
// should keep a whole request alive.
func own(s string) string { return unique.Make(s).Value() }

// Put queues f, see Line.
func (s *Session) Put(f *Frame) bool { return s.line.Put(f) }

// Flush sends what is queued, see Line.
func (s *Session) Flush() { s.line.Flush() }

// send puts one frame and lets it go.
func (s *Session) send(f *Frame) {
	if s.line.Put(f) {
		s.line.Flush()
	}
}
