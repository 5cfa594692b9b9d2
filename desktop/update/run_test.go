package update

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// calm runs the schedule for a time and returns when it looked.
func calm(t *testing.T, span time.Duration, wish func(chan<- Wish)) []time.Duration {
	t.Helper()
	var looks []time.Duration
	ctx, stop := context.WithTimeout(t.Context(), span)
	defer stop()
	began := time.Now()
	wishes := make(chan Wish)
	if wish != nil {
		go wish(wishes)
	}
	Run(ctx, wishes, func(context.Context, bool) { looks = append(looks, time.Since(began)) })
	return looks
}

func TestNothingIsAskedOftenerThanInHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if looks := calm(t, 48*time.Hour, nil); len(looks) < 6 || len(looks) > 13 {
			t.Errorf("%d looks in two days: %v", len(looks), looks)
		}
	})
}

func TestALineThatComesAndGoesAsksOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := calm(t, 5*time.Hour, func(wishes chan<- Wish) {
			for range 280 {
				wishes <- Came
				time.Sleep(time.Minute)
			}
		})
		if len(looks) == 0 || len(looks) > 6 || looks[0] > afterCame+time.Minute {
			t.Errorf("looked at %v", looks)
		}
		for i := 1; i < len(looks); i++ {
			if looks[i]-looks[i-1] < rest {
				t.Errorf("looked at %v", looks)
			}
		}
	})
}

func TestNewsOfTheServerAreLookedIntoAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := calm(t, 3*time.Hour, func(wishes chan<- Wish) { wishes <- News })
		if len(looks) != 1 || looks[0] > afterNews+time.Minute {
			t.Errorf("looked at %v", looks)
		}
	})
}

func TestAPersonWhoAsksIsAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := calm(t, time.Hour, func(wishes chan<- Wish) {
			for range 3 {
				wishes <- Asked
				time.Sleep(time.Second)
			}
		})
		if len(looks) != 3 || looks[0] != 0 {
			t.Errorf("looked at %v", looks)
		}
	})
}
