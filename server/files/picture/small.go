package picture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Sizes are the small sizes of one picture. Width and Height are those of the upright original.
type Sizes struct {
	Width, Height int
	Animated      bool
	// Screen is missing where the picture is no larger than Thumb.
	Screen, Thumb []byte
}

// Make makes both small sizes. Also with an error it returns what is known by then.
func Make(r io.ReadSeeker) (Sizes, error) {
	p, err := Read(r)
	s := Sizes{Width: p.Width, Height: p.Height, Animated: p.Animated}
	if err != nil {
		return s, err
	}
	var out bytes.Buffer
	if max(p.Width, p.Height) > ThumbSide {
		if err := p.Write(&out, ScreenSide); err != nil {
			return s, err
		}
		s.Screen = bytes.Clone(out.Bytes())
		out.Reset()
	}
	if err := p.Write(&out, ThumbSide); err != nil {
		return s, err
	}
	s.Thumb = out.Bytes()
	return s, nil
}

// told is what Work writes.
type told struct {
	Sizes
	Large bool   `json:",omitempty"`
	Fault string `json:",omitempty"`
}

// Work is Make in a process of its own, which the system can hold back while others have something to do: it reads
// the picture from in and writes to out what Told understands.
func Work(in *os.File, out io.Writer) error {
	s, err := Make(in)
	t := told{Sizes: s, Large: errors.Is(err, ErrLarge)}
	if err != nil {
		t.Fault = err.Error()
	}
	return json.NewEncoder(out).Encode(t)
}

// Told is what Work has written.
func Told(raw []byte) (Sizes, error) {
	var t told
	if err := json.Unmarshal(raw, &t); err != nil {
		return Sizes{}, err
	}
	switch {
	case t.Large:
		return t.Sizes, ErrLarge
	case t.Fault != "":
		return t.Sizes, fmt.Errorf("%w: %s", ErrKind, t.Fault)
	}
	return t.Sizes, nil
}
