package caretaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"time"

	"sendjay/desktop/update"
)

// Client asks the Keeper of this computer.
type Client struct {
	// There reports whether there is one that this person may call.
	There func() bool
	// Call starts it, where it does not run, and returns a line to it.
	Call func(ctx context.Context) (net.Conn, error)

	notes   *update.Updater
	program string
}

// Folder is the one of a Keeper whose program lies at program: beside it, where nobody else may write either.
func Folder(program string) string { return filepath.Join(filepath.Dir(program), "update") }

// At returns the Client of the computer for the program that lies at program.
func At(program string) *Client {
	c := &Client{notes: update.New(update.Config{Dir: Folder(program)}), program: program}
	c.There, c.Call = reach(program)
	return c
}

// Trial returns the version that has to say on this computer that it is well, "" when none has to.
func (c *Client) Trial() string { return c.notes.Trial() }

// Failed returns the versions that did not come up on this computer.
func (c *Client) Failed() []string { return c.notes.Failed() }

// Put has the version put in place that h holds. It returns when that is so.
func (c *Client) Put(ctx context.Context, h *update.Hand) error {
	err := c.talk(ctx, ask{Do: put, Version: h.Version, Manifest: h.Manifest, Signature: h.Signature}, func(l *line) error {
		for _, f := range h.Files {
			in, err := h.Open(f)
			if err != nil {
				return err
			}
			_, err = io.CopyN(l, in, f.Size)
			if err := errors.Join(err, in.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Whoever answered may have been somebody else.
	if err := update.Says(ctx, c.program, h.Version); err != nil {
		return fmt.Errorf("%w: %w", ErrTrouble, err)
	}
	return nil
}

// Began says that a tray is about to start while version is on trial.
func (c *Client) Began(ctx context.Context, version string) error {
	return c.talk(ctx, ask{Do: began, Version: version}, nil)
}

// Well says that version is well.
func (c *Client) Well(ctx context.Context, version string) error {
	return c.talk(ctx, ask{Do: well, Version: version}, nil)
}

// Back has version taken back, which did not come up.
func (c *Client) Back(ctx context.Context, version string) error {
	return c.talk(ctx, ask{Do: back, Version: version}, nil)
}

// callWithin is how long a service may take to start and to answer, callAgain the first and longest rest between two
// tries: one that cannot serve is not to be started all the time.
const (
	callWithin = 30 * time.Second
	callAgain  = 100 * time.Millisecond
	longAgain  = 3 * time.Second
)

// talk asks once, as soon as somebody listens.
func (c *Client) talk(ctx context.Context, a ask, programs func(*line) error) error {
	l, err := c.greeted(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	defer context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Now()) })()
	if err := l.say(a); err != nil {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	var said answer
	if err := l.hear(&said); err != nil {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	if !said.Wants || programs == nil {
		return said.err()
	}
	// Whoever refuses does so in the middle of it, and reads no further.
	sent := make(chan error, 1)
	go func() {
		err := programs(l)
		if err != nil {
			_ = l.SetReadDeadline(time.Now())
		}
		sent <- err
	}()
	said = answer{}
	err = l.hear(&said)
	_ = l.Close()
	if broke := <-sent; err != nil {
		return fmt.Errorf("%w: %w", ErrGone, errors.Join(broke, err))
	}
	return said.err()
}

// greeted returns a line on which the Keeper has said that it listens. It may be just ending, so this is tried for a while.
func (c *Client) greeted(ctx context.Context) (*line, error) {
	ctx, stop := context.WithTimeout(ctx, callWithin)
	defer stop()
	for wait := callAgain; ; wait = min(2*wait, longAgain) {
		l, err := c.once(ctx)
		if err == nil {
			return l, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrGone, err)
		case <-time.After(wait):
		}
	}
}

func (c *Client) once(ctx context.Context) (*line, error) {
	conn, err := c.Call(ctx)
	if err != nil {
		return nil, err
	}
	l := newLine(conn)
	_ = conn.SetReadDeadline(time.Now().Add(lineWithin))
	said, err := l.read()
	if err == nil && strings.TrimSpace(string(said)) != greeting {
		err = errors.New("somebody else answers")
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(talkWithin))
	return l, nil
}
