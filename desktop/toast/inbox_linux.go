package toast

import (
	"sync"

	"github.com/godbus/dbus/v5"
)

// inboxHolds bounds what may be said while a job waits for a slow service; the oldest goes first.
const inboxHolds = 1024

// inbox takes what the bus says, in its order: a token comes before its click, and the end of what holds notifications back
// after its beginning. A channel that is full would mix them, and one with a queue of its own would let an answer overtake
// what was said before it.
type inbox struct {
	came chan struct{}

	mu  sync.Mutex // guards all
	all []*dbus.Signal
}

func newInbox() *inbox { return &inbox{came: make(chan struct{}, 1)} }

// DeliverSignal is called by the connection for one signal after the other.
func (i *inbox) DeliverSignal(_, _ string, s *dbus.Signal) {
	i.mu.Lock()
	if len(i.all) == inboxHolds {
		i.all = i.all[1:]
	}
	i.all = append(i.all, s)
	i.mu.Unlock()
	select {
	case i.came <- struct{}{}:
	default:
	}
}

// take returns what came since.
func (i *inbox) take() []*dbus.Signal {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.all
	i.all = nil
	return all
}
