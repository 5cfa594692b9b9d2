// Package caretaker is the computer's own hand, which puts versions in place for people who may not write to its
// programs. It knows what may be asked of it, and believes nobody; it does not know servers, nor when a person is busy.
//
// A Keeper runs with the rights of the system, a Client with those of a person. The Keeper opens no path that a person
// names: the programs come to it as bytes, are proved in a folder of its own, and go into the folder of its own program.
// What has happened is read in its folder, which everybody may read and only administrators may write.
//
// The Keeper that has put a version in place stays until that has said that it is well, so that it is not the new version
// that has to take itself back.
package caretaker

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"sendjay/desktop/update"
	"sendjay/shared/release"
)

// Flag is what the system calls the program with to be the Keeper, Service the name under which it knows that.
const (
	Flag    = "--update-service"
	Service = "SendjayUpdate"
)

const (
	// greeting is how the Keeper begins, so that nobody waits for one that is not there.
	greeting = "sendjay caretaker 1"
	// maxLine holds a manifest and its signature, written as base64.
	maxLine = 3 * release.MaxManifest
	// talkWithin bounds a conversation with all its programs, lineWithin the wait for a line.
	talkWithin = 3 * time.Minute
	lineWithin = 5 * time.Second
)

// The things that may be asked.
const (
	put   = "put"   // this version in place
	began = "began" // a tray is about to start while this version is on trial
	well  = "well"  // this version is
	back  = "back"  // take this version back
)

// ask is the one line of a Client.
type ask struct {
	Do        string `json:"do"`
	Version   string `json:"version"`
	Manifest  []byte `json:"manifest,omitempty"`
	Signature []byte `json:"signature,omitempty"`
}

// answer is a line of the Keeper. Wants asks for the programs, one after the other.
type answer struct {
	Wants   bool   `json:"wants,omitempty"`
	Refused string `json:"refused,omitempty"`
	Why     string `json:"why,omitempty"`
}

// The errors of a Client beside those of update and release.
var (
	// ErrOff says that IT wants no version put in place, or that this build cannot be replaced.
	ErrOff = errors.New("this computer puts no version in place")
	// ErrBusy says that another version has to show first whether it is well.
	ErrBusy = errors.New("another version is on trial")
	// ErrNoTrial says that the version is not on trial, so nobody can take it back.
	ErrNoTrial = errors.New("this version is not on trial")
	// ErrAsked says that the question made no sense.
	ErrAsked = errors.New("it was not understood")
	// ErrTrouble says that the Keeper wanted to and could not.
	ErrTrouble = errors.New("it did not work")
	// ErrGone says that there is no Keeper to be reached.
	ErrGone = errors.New("the service does not answer")
)

// word is a refusal as it travels. It passes when another time may be better.
type word struct {
	word   string
	err    error
	passes bool
}

var words = []word{
	{"off", ErrOff, false},
	{"busy", ErrBusy, true},
	{"no trial", ErrNoTrial, false},
	{"not understood", ErrAsked, false},
	{"old", update.ErrOld, false},
	{"platform", update.ErrPlatform, false},
	{"failed", update.ErrFailed, false},
	{"signature", release.ErrSignature, false},
	{"no key", release.ErrNoKey, false},
	{"manifest", release.ErrManifest, false},
	{"file", release.ErrFile, false},
	{"trouble", ErrTrouble, true},
}

// refusal is err as it travels, nil too.
func refusal(err error) answer {
	if err == nil {
		return answer{}
	}
	for _, w := range words {
		if errors.Is(err, w.err) {
			return answer{Refused: w.word, Why: err.Error()}
		}
	}
	return answer{Refused: "trouble", Why: err.Error()}
}

// err is the refusal as it was.
func (a answer) err() error {
	if a.Refused == "" {
		return nil
	}
	for _, w := range words {
		if w.word == a.Refused && w.err.Error() == a.Why {
			return w.err
		}
		if w.word == a.Refused {
			return fmt.Errorf("%w: %s", w.err, a.Why)
		}
	}
	return fmt.Errorf("%w: %s", ErrTrouble, a.Why)
}

// Final reports whether a refusal stays the same, however often it is asked.
func Final(err error) bool {
	return slices.ContainsFunc(words, func(w word) bool { return errors.Is(err, w.err) && !w.passes })
}

// line is a conversation.
type line struct {
	net.Conn

	in *bufio.Reader
}

func newLine(c net.Conn) *line {
	_ = c.SetDeadline(time.Now().Add(talkWithin))
	return &line{c, bufio.NewReaderSize(c, 32<<10)}
}

// read reads a line of bounded length.
func (l *line) read() ([]byte, error) {
	var all []byte
	for {
		some, err := l.in.ReadSlice('\n')
		all = append(all, some...)
		switch {
		case len(all) > maxLine:
			return nil, ErrAsked
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(all) > 0:
			err = io.ErrUnexpectedEOF
		}
		return all, err
	}
}

func (l *line) hear(into any) error {
	raw, err := l.read()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: %w", ErrAsked, err)
	}
	return nil
}

func (l *line) say(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.Write(append(raw, '\n'))
	return err
}
