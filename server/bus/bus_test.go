package bus

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ Bus = (*Node)(nil)

func TestBus(t *testing.T) {
	t.Run("the others hear, in order; oneself and other topics do not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			var heard []string
			defer b.Subscribe("x", func(d []byte) { heard = append(heard, string(d)) })()
			defer a.Subscribe("x", func(d []byte) { t.Errorf("a heard itself: %s", d) })()
			defer b.Subscribe("y", func(d []byte) { t.Errorf("y heard %s", d) })()
			for i := range 5 {
				a.Publish("x", fmt.Append(nil, i))
			}
			synctest.Wait()
			if fmt.Sprint(heard) != "[0 1 2 3 4]" {
				t.Errorf("heard %v", heard)
			}
		})
	})
	t.Run("nobody hears after stop, which may be called twice", func(t *testing.T) {
		var m Memory
		stop := m.Node().Subscribe("x", func([]byte) { t.Error("heard") })
		stop()
		stop()
		m.Node().Publish("x", nil)
	})
	t.Run("a subscriber who is stuck holds up nobody and misses the oldest", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			hold := make(chan struct{})
			var mu sync.Mutex
			last, n := "", 0
			defer b.Subscribe("x", func(d []byte) {
				<-hold
				mu.Lock()
				last, n = string(d), n+1
				mu.Unlock()
			})()
			for i := range 3 * waiting {
				a.Publish("x", fmt.Append(nil, i))
			}
			close(hold)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if last != fmt.Sprint(3*waiting-1) || n > waiting+1 {
				t.Errorf("heard %d, the last %s", n, last)
			}
		})
	})
	t.Run("one node holds a lease, until it stops keeping it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			mine := func(n *Node) bool {
				ok, err := n.Lease(t.Context(), "clean", time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				return ok
			}
			if !mine(a) || mine(b) {
				t.Error("two hold it, or none")
			}
			time.Sleep(50 * time.Second)
			if !mine(a) {
				t.Error("the holder lost it")
			}
			time.Sleep(50 * time.Second)
			if mine(b) {
				t.Error("it was taken from a holder who kept it")
			}
			time.Sleep(11 * time.Second)
			if !mine(b) || mine(a) {
				t.Error("it did not pass on")
			}
		})
	})
}
