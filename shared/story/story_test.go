package story

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long anything may take that a story waits for.
const patience = 30 * time.Second

// bins is the folder of the programs under test.
var bins string

// TestMain lets the test binary also be the window of the tray, which writes down what it is told.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == windowName {
		pretendWindow()
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sendjay-story")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bins = dir
	if err := build(dir); err != nil {
		println(err.Error())
		return 1
	}
	return m.Run()
}

// build makes the real programs. The walk over their sources tells the test cache what they are made of.
func build(dir string) error {
	for _, top := range []string{"server", "desktop", "shared", "webui"} {
		err := filepath.WalkDir(filepath.Join("../..", top), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.Name() == "node_modules" {
				return fs.SkipDir
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	for name, pkg := range map[string]string{"sendjay-server": "sendjay/server", "sendjay": "sendjay/desktop/tray"} {
		// As make build does it: then the cache has all but the linking.
		c := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, name), pkg)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return &buildError{pkg, string(out)}
		}
	}
	return nil
}

type buildError struct{ pkg, out string }

func (b *buildError) Error() string { return "build " + b.pkg + ":\n" + b.out }

func TestStories(t *testing.T) {
	cmds := map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"server":  serverCommand,
		"tray":    trayCommand,
		"net":     netCommand,
		"at-once": atOnceCommand,
	}
	for _, name := range people {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) { personCommand(ts, name, neg, args) }
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			w := newWorld(env.T().(testing.TB), env.WorkDir)
			env.Values[worldKey{}] = w
			env.Defer(w.close)
			return nil
		},
		Cmds:               cmds,
		RequireUniqueNames: true,
	})
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// soon returns a context that ends when patience does.
func soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// refused finishes a command: an expected error goes to the stderr of the story, an unexpected one ends it.
func refused(ts *testscript.TestScript, neg bool, err error) {
	switch {
	case err == nil && neg:
		ts.Fatalf("did not fail")
	case err != nil && !neg:
		ts.Fatalf("%v\nthe server's last lines:\n%s", err, worldOf(ts).log.tail(15))
	case err != nil:
		_, _ = ts.Stderr().Write([]byte(err.Error() + "\n"))
	}
}

func need(ts *testscript.TestScript, args []string, usage string) {
	if want := len(strings.Fields(usage)); len(args) != want {
		ts.Fatalf("want: %s", usage)
	}
}
