// Package delivery says what becomes of an outgoing item while the line is down.
// It is a table and its reader; it keeps nothing and sends nothing.
// The classes themselves stand beside the commands in package protocol.
package delivery

import "sendjay/shared/protocol"

// Rule is what happens to an item while the line is down, or when no answer comes.
type Rule struct {
	// Report tells the person at once that it was not sent.
	Report bool `json:"report"`
	// Keep holds the item on the device, also across restarts, until it is acknowledged or deleted.
	Keep bool `json:"keep"`
	// Resend sends the item by itself, in order, when the line is back. Otherwise the person decides.
	Resend bool `json:"resend"`
}

// Rules is the table: what each class means.
var Rules = map[protocol.Class]Rule{
	protocol.Kept:     {Report: true, Keep: true},
	protocol.Blocked:  {Report: true},
	protocol.Buffered: {Keep: true, Resend: true},
	protocol.Volatile: {},
}

// Types are message types whose class is another than that of message.send. The original has them as
// messages of their own; a link to a file is not kept, lines of the room are never asked about.
var Types = map[protocol.MessageType]protocol.Class{
	protocol.FLink:  protocol.Blocked,
	protocol.Invite: protocol.Buffered,
	protocol.Leave:  protocol.Buffered,
	protocol.File:   protocol.Buffered,
	protocol.Image:  protocol.Buffered,
}

// ClassOf returns the class of op, for message.send that of the message type ("" is talk).
// An op that nobody knows is volatile: there is nothing to keep it for.
func ClassOf(op protocol.Op, t protocol.MessageType) protocol.Class {
	if op == protocol.OpMessageSend {
		if c, ok := Types[t]; ok {
			return c
		}
	}
	if line, ok := protocol.Find(op); ok {
		return line.Class
	}
	return protocol.Volatile
}

// Of returns the rule for op and message type.
func Of(op protocol.Op, t protocol.MessageType) Rule { return Rules[ClassOf(op, t)] }
