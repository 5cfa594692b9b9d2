package main

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestOneOfManyStartsHasTheProfileAndHearsTheOthers(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	first, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.listen(); err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 8)
	var hearing sync.WaitGroup
	hearing.Go(func() {
		first.hear(func(line string) (string, error) {
			heard <- line
			if line == "bad" {
				return "", errors.New("not like this")
			}
			return "line one\nline two\n", nil
		})
	})
	if _, err := claim(dir); !errors.Is(err, errTaken) {
		t.Errorf("a second one got the profile: %v", err)
	}
	answer, err := knock(dir, "open sendjay://room/r1")
	if err != nil || answer != "line one\nline two\n" {
		t.Errorf("answer %q, %v", answer, err)
	}
	if got := <-heard; got != "open sendjay://room/r1" {
		t.Errorf("heard %q", got)
	}
	if _, err := knock(dir, "bad"); err == nil || err.Error() != "no: not like this" {
		t.Errorf("refusal came as %v", err)
	}
	first.close()
	hearing.Wait()
	again, err := claim(dir)
	if err != nil {
		t.Fatalf("after the first was gone: %v", err)
	}
	again.close()
}

func TestQuittingWaitsForTheEnd(t *testing.T) {
	dir := t.TempDir()
	only, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	was := make(chan bool, 1)
	go func() { was <- gone(dir) }()
	select {
	case <-was:
		t.Error("it is there still")
	case <-time.After(3 * lookGone):
	}
	only.close()
	if !<-was {
		t.Error("it has gone, and nobody noticed")
	}
}
