// Package bus reaches the other nodes: publish, subscribe, and a lease that one of them holds.
// It does not know what the bytes mean.
// What is published is a hint that may get lost; whoever needs certainty asks the database. But nobody
// misses anything unnoticed: every node numbers what it says and repeats its last number every two
// seconds, so that whoever did not hear something learns within seconds that he did not, and from whom.
package bus

import (
	"context"
	"time"
)

// Bus connects the nodes.
type Bus interface {
	// Self is the name of this node among the others.
	Self() string
	// Publish sends data to everybody else who subscribed to topic, in the order of the calls.
	// It does not wait for anybody to get it, and it never waits for the line.
	Publish(topic string, data []byte)
	// Subscribe calls hear for what the other nodes publish, one after the other, until stop is called.
	// All hears of a Bus are called from one goroutine, in the order in which the nodes spoke; they must
	// not wait. Subscribe before Start.
	Subscribe(topic string, hear func(from string, data []byte)) (stop func())
	// Around calls hear, from the same goroutine, for what becomes of the others and of the line to them.
	Around(hear func(Change)) (stop func())
	// Start begins to listen.
	Start()
	// Up reports whether the line to the others stands, as far as is known.
	Up() bool
	// Others counts the other nodes as they were last known.
	Others() int
	// Ping asks whoever carries the words for a sign of life.
	Ping(ctx context.Context) error
	// Lease takes or keeps the lease of this name for a while, and reports whether it is ours. Keeping it
	// for no time gives it back.
	Lease(ctx context.Context, name string, keep time.Duration) (bool, error)
	// Stats are numbers for an operator.
	Stats() Stats
	// Close says goodbye and stops.
	Close()
}

// Change is something that became of another node, or, without a Node, of the line to all of them.
type Change struct {
	Node string
	What What
}

// What can become of a node.
type What string

// The changes.
const (
	// Came: it was heard for the first time, or again after it had Gone.
	Came What = "came"
	// Missed: something that it said did not reach us.
	Missed What = "missed"
	// Left: it said goodbye.
	Left What = "left"
	// Gone: it was not heard for GoneAfter while others could be: it is dead, or cut off.
	Gone What = "gone"
	// Down: the line is down. What is published is kept for a moment, then dropped.
	Down What = "down"
	// Back: the line stands again. What was missed meanwhile shows as Missed.
	Back What = "back"
)

// Stats count since the start.
type Stats struct {
	Said, Heard, Missed, Dropped int64
}

// The pace of a node's signs of life. GoneAfter is after how much silence others give it up.
const (
	beatEvery = 2 * time.Second
	GoneAfter = 8 * time.Second
)
