package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// itself is how a program started by run finds the file: its descriptor 3.
const itself = "/dev/fd/3"

// outBytes bounds what a program may answer.
const outBytes = 24 << 20

var errMuch = errors.New("the program says too much")

// restTime is how long a program may take that is given only what nobody else wants of the machine. Where all of it is
// wanted for so long, it begins again with the smallest share.
const restTime = 10 * time.Second

// run starts a program that looks at file: behind everything else that the machine does, with bounds on memory and time,
// and without a name or an address to follow.
func run(ctx context.Context, file *os.File, name string, args ...string) ([]byte, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	if way := resting(); way != "" {
		rest, done := context.WithTimeout(ctx, restTime)
		defer done()
		said, err := once(rest, file, humble(rest, way, program, args), name)
		if err == nil || rest.Err() == nil || ctx.Err() != nil {
			return said, err
		}
	}
	return once(ctx, file, humble(ctx, "", program, args), name)
}

func once(ctx context.Context, file *os.File, c *exec.Cmd, name string) ([]byte, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	c.ExtraFiles = []*os.File{file}
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "GOMAXPROCS=1"}
	c.WaitDelay = 5 * time.Second
	out := &bounded{}
	c.Stdout = out
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(ctx.Err(), err))
	}
	return out.said, nil
}

// bounded keeps what a program says, up to a bound.
type bounded struct{ said []byte }

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.said)+len(p) > outBytes {
		return 0, errMuch
	}
	b.said = append(b.said, p...)
	return len(p), nil
}
