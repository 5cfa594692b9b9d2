package bus

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Memory connects nodes that live in one process, for tests. The zero value is ready.
type Memory struct {
	mu     sync.Mutex // guards the fields below
	nodes  []*Node
	leases map[string]lease
}

type lease struct {
	node  *Node
	until time.Time
}

// Node is one node's end of a Memory. It implements Bus.
type Node struct {
	ears
	m     *Memory
	words chan word
	over  chan struct{}
	done  sync.WaitGroup
	once  sync.Once
	begun sync.Once

	mu     sync.Mutex // guards the fields below
	number uint64
	down   bool
	said   int64
}

// word is a frame of another node, or a change of the line.
type word struct {
	frame
	change What
}

// waiting is how much may wait for one node; beyond that it misses what comes.
const waiting = 1024

// Node returns the end of a new node.
func (m *Memory) Node() *Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := &Node{m: m, words: make(chan word, waiting), over: make(chan struct{})}
	n.init(fmt.Sprint("node", len(m.nodes)+1))
	m.nodes = append(m.nodes, n)
	return n
}

// Self implements Bus.
func (n *Node) Self() string { return n.self }

// Start implements Bus.
func (n *Node) Start() {
	n.begun.Do(func() {
		n.done.Go(n.listen)
		n.done.Go(n.beat)
	})
}

func (n *Node) listen() {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	n.tell(Change{What: Back})
	for {
		select {
		case w := <-n.words:
			switch w.change {
			case "":
				n.take(w.frame, time.Now())
			case Back:
				n.excuse(time.Now())
				n.tell(Change{What: Back})
			default:
				n.tell(Change{What: w.change})
			}
		case <-beat.C:
			if n.Up() {
				n.silent(time.Now())
			}
		case <-n.over:
			return
		}
	}
}

func (n *Node) beat() {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		n.say()
		select {
		case <-beat.C:
		case <-n.over:
			return
		}
	}
}

// say sends a frame to all others whose lines stand.
func (n *Node) say(entries ...entry) {
	n.m.mu.Lock()
	defer n.m.mu.Unlock()
	n.mu.Lock()
	if len(entries) > 0 {
		n.number++
		n.said += int64(len(entries))
	}
	f, down := frame{node: n.self, number: n.number, entries: entries}, n.down
	n.mu.Unlock()
	if !down {
		n.carryLocked(f)
	}
}

// carryLocked hands f to the others. The caller holds Memory.mu.
func (n *Node) carryLocked(f frame) {
	for _, o := range n.m.nodes {
		if o == n || !o.Up() {
			continue
		}
		select {
		case o.words <- word{frame: f}:
		default: // it misses this, and notices
		}
	}
}

// Cut takes the line of n down, or lets it stand again.
func (n *Node) Cut(down bool) {
	n.mu.Lock()
	n.down = down
	n.mu.Unlock()
	change := Back
	if down {
		change = Down
	}
	n.words <- word{change: change}
}

// Kill lets n fall silent without a word.
func (n *Node) Kill() { n.end() }

// Publish implements Bus.
func (n *Node) Publish(topic string, data []byte) { n.say(entry{topic, data}) }

// Up implements Bus.
func (n *Node) Up() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.down
}

// Ping implements Bus.
func (n *Node) Ping(context.Context) error { return nil }

// Stats implements Bus.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Stats{Said: n.said}
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
	return keep > 0, nil
}

// Close implements Bus.
func (n *Node) Close() {
	n.m.mu.Lock()
	n.mu.Lock()
	f, down := frame{node: n.self, number: n.number, bye: true}, n.down
	n.mu.Unlock()
	if !down {
		n.carryLocked(f)
	}
	n.m.mu.Unlock()
	n.end()
}

func (n *Node) end() {
	n.once.Do(func() {
		n.mu.Lock()
		n.down = true
		n.mu.Unlock()
		close(n.over)
	})
	n.done.Wait()
}
