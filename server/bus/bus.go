// Package bus reaches the other nodes: publish, subscribe, and a lease that one of them holds.
// It does not know what the bytes mean.
// What is published is a hint that may get lost; whoever needs certainty asks the database.
package bus

import (
	"context"
	"sync"
	"time"
)

// Bus connects the nodes.
type Bus interface {
	// Publish sends data to everybody else who subscribed to topic, in the order of the calls.
	// It does not wait for anybody to get it.
	Publish(topic string, data []byte)
	// Subscribe calls hear for what the other nodes publish, one after the other, until stop is called.
	Subscribe(topic string, hear func(data []byte)) (stop func())
	// Lease takes or keeps the lease of this name for a while, and reports whether it is ours.
	Lease(ctx context.Context, name string, keep time.Duration) (bool, error)
}

// Memory connects nodes that live in one process: a single node, and tests. The zero value is ready.
type Memory struct {
	mu     sync.Mutex // guards the fields below
	nodes  map[string][]*ear
	leases map[string]lease
}

type lease struct {
	node  *Node
	until time.Time
}

// Node is one node's end of a Memory. It implements Bus.
type Node struct{ m *Memory }

// Node returns the end of a new node.
func (m *Memory) Node() *Node { return &Node{m} }

// ear is one subscription. What waits for it is bounded; beyond that it misses the oldest.
type ear struct {
	node  *Node
	queue chan []byte
	over  chan struct{}
	done  sync.WaitGroup
}

// waiting is how much may wait for one subscriber.
const waiting = 1024

// Publish implements Bus.
func (n *Node) Publish(topic string, data []byte) {
	n.m.mu.Lock()
	defer n.m.mu.Unlock()
	for _, e := range n.m.nodes[topic] {
		if e.node != n {
			e.take(data)
		}
	}
}

// take queues data, in place of the oldest when the queue is full. One caller at a time: Memory.mu is held.
func (e *ear) take(data []byte) {
	for {
		select {
		case e.queue <- data:
			return
		default:
		}
		select {
		case <-e.queue:
		default:
		}
	}
}

// Subscribe implements Bus.
func (n *Node) Subscribe(topic string, hear func(data []byte)) (stop func()) {
	e := &ear{node: n, queue: make(chan []byte, waiting), over: make(chan struct{})}
	n.m.mu.Lock()
	if n.m.nodes == nil {
		n.m.nodes = map[string][]*ear{}
	}
	n.m.nodes[topic] = append(n.m.nodes[topic], e)
	n.m.mu.Unlock()
	e.done.Go(func() {
		for {
			select {
			case data := <-e.queue:
				hear(data)
			case <-e.over:
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		n.m.mu.Lock()
		var rest []*ear
		for _, o := range n.m.nodes[topic] {
			if o != e {
				rest = append(rest, o)
			}
		}
		n.m.nodes[topic] = rest
		n.m.mu.Unlock()
		close(e.over)
		e.done.Wait()
	})
}

// Lease implements Bus.
func (n *Node) Lease(_ context.Context, name string, keep time.Duration) (bool, error) {
	n.m.mu.Lock()
	defer n.m.mu.Unlock()
	now := time.Now()
	if l, held := n.m.leases[name]; held && l.node != n && now.Before(l.until) {
		return false, nil
	}
	if n.m.leases == nil {
		n.m.leases = map[string]lease{}
	}
	n.m.leases[name] = lease{n, now.Add(keep)}
	return true, nil
}
