package bus

import (
	"slices"
	"sync"
	"time"
)

// ears is the hearing half of a Bus: who listens, what the others said last, and what follows from it.
type ears struct {
	self string

	mu     sync.Mutex // guards the fields below
	topics map[string][]*ear[func(string, []byte)]
	around []*ear[func(Change)]
	nodes  map[string]*heardOf
	heard  int64
	missed int64
}

// ear is one listener; its identity is the pointer.
type ear[F any] struct{ hear F }

// heardOf is what is known of another node.
type heardOf struct {
	number uint64
	at     time.Time
}

func (e *ears) init(self string) {
	e.self = self
	e.topics, e.nodes = map[string][]*ear[func(string, []byte)]{}, map[string]*heardOf{}
}

// Subscribe implements Bus.
func (e *ears) Subscribe(topic string, hear func(from string, data []byte)) (stop func()) {
	it := &ear[func(string, []byte)]{hear}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.topics[topic] = append(e.topics[topic], it)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.topics[topic] = without(e.topics[topic], it)
	}
}

// Around implements Bus.
func (e *ears) Around(hear func(Change)) (stop func()) {
	it := &ear[func(Change)]{hear}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.around = append(e.around, it)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.around = without(e.around, it)
	}
}

// without returns a new list: somebody may be walking the old one.
func without[F any](all []*ear[F], it *ear[F]) []*ear[F] {
	return slices.DeleteFunc(slices.Clone(all), func(x *ear[F]) bool { return x == it })
}

// Others implements Bus.
func (e *ears) Others() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.nodes)
}

// take hears a frame of another node. One goroutine calls take, tell and silent.
func (e *ears) take(f frame, now time.Time) {
	var changes []Change
	e.mu.Lock()
	n := e.nodes[f.node]
	switch {
	case f.bye:
		if n == nil {
			e.mu.Unlock()
			return
		}
		delete(e.nodes, f.node)
		changes = append(changes, Change{f.node, Left})
	case n == nil:
		n = &heardOf{number: f.number, at: now}
		e.nodes[f.node] = n
		changes = append(changes, Change{f.node, Came})
		// Whatever it said before we were there to hear it.
		if f.number > first(f) {
			e.missed++
			changes = append(changes, Change{f.node, Missed})
		}
	default:
		n.at = now
		next := n.number + first(f)
		if f.number < next { // a frame that was carried twice
			e.mu.Unlock()
			return
		}
		if f.number > next {
			e.missed++
			changes = append(changes, Change{f.node, Missed})
		}
		n.number = f.number
	}
	e.heard += int64(len(f.entries))
	e.mu.Unlock()
	e.tell(changes...)
	for _, x := range f.entries {
		e.mu.Lock()
		hearing := e.topics[x.topic]
		e.mu.Unlock()
		for _, it := range hearing {
			it.hear(f.node, x.data)
		}
	}
}

// first is by how much a frame moves its node's number on.
func first(f frame) uint64 {
	if len(f.entries) > 0 {
		return 1
	}
	return 0
}

func (e *ears) tell(changes ...Change) {
	e.mu.Lock()
	around := e.around
	e.mu.Unlock()
	for _, c := range changes {
		for _, it := range around {
			it.hear(c)
		}
	}
}

// silent gives up those who have not been heard for too long.
func (e *ears) silent(now time.Time) {
	var changes []Change
	e.mu.Lock()
	for name, n := range e.nodes {
		if now.Sub(n.at) > GoneAfter {
			delete(e.nodes, name)
			changes = append(changes, Change{name, Gone})
		}
	}
	e.mu.Unlock()
	e.tell(changes...)
}

// excuse lets nobody be given up for a silence during which nothing could be heard.
func (e *ears) excuse(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.nodes {
		n.at = now
	}
}
