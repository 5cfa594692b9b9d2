// Package delivery says what becomes of an outgoing item while the line is down: a table and its reader.
// It knows neither keeping nor sending.
// The class of a command stands in protocol.Commands; a message may have a class of its own by its
// type. The tray runs this reader, a browser without tray runs src/rules/delivery.ts on the same table.
package delivery

import "sendjay/shared/protocol"

// Down says what happens at once to an item that meets a line that is down.
type Down string

// What can happen at once.
const (
	// Refuse answers protocol.Unavailable, at once or after the send timeout.
	Refuse Down = "refuse"
	// Buffer answers as if done, with Queued set.
	Buffer Down = "buffer"
	// Drop says nothing: the item is worthless by the time the line is back.
	Drop Down = "drop"
)

// Then says what follows.
type Then string

// What can follow.
const (
	// Ask shows resend and delete; only the person's word sends it again.
	Ask Then = "ask"
	// Fail shows that it failed.
	Fail Then = "fail"
	// Send sends it on reconnect, in order, no question asked.
	Send Then = "send"
	// Nothing leaves it at that.
	Nothing Then = "nothing"
)

// Rule is the fate of one item.
type Rule struct {
	Down Down `json:"down"`
	// Kept items survive a restart until the server has acknowledged them or the person deleted them.
	Kept bool `json:"kept"`
	Then Then `json:"then"`
}

// Rules holds the fate of each class.
var Rules = map[protocol.Class]Rule{
	protocol.Kept:     {Down: Refuse, Kept: true, Then: Ask},
	protocol.Blocked:  {Down: Refuse, Kept: false, Then: Fail},
	protocol.Buffered: {Down: Buffer, Kept: true, Then: Send},
	protocol.Volatile: {Down: Drop, Kept: false, Then: Nothing},
}

// Message types of the original that have no word on today's wire but keep their fate.
const (
	Check  protocol.MessageType = "check"
	Notice protocol.MessageType = "notice"
)

// Types holds the class of each message type; one without a line has the class of protocol.OpMessageSend.
var Types = []struct {
	Type  protocol.MessageType `json:"type"`
	Class protocol.Class       `json:"class"`
}{
	{protocol.Talk, protocol.Kept},
	{protocol.FLink, protocol.Blocked},
	{Check, protocol.Blocked},
	{protocol.Invite, protocol.Buffered},
	{protocol.Leave, protocol.Buffered},
	{Notice, protocol.Buffered},
}

// Of returns the fate of a command; t is the type of the message in it, "" for a command without one.
// An unknown command is refused and not kept: nobody could say what sending it later would do.
func Of(op protocol.Op, t protocol.MessageType) Rule {
	line, ok := protocol.Find(op)
	if !ok {
		return Rules[protocol.Blocked]
	}
	if op == protocol.OpMessageSend {
		for _, l := range Types {
			if l.Type == t {
				return Rules[l.Class]
			}
		}
	}
	return Rules[line.Class]
}
