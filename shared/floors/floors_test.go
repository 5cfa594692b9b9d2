package floors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// file is one Go file of the module.
type file struct {
	dir, name string
	test      bool
	tree      *ast.File
	text      string
}

// read walks the module. It reads files rather than asking `go list`, so that the test cache sees them.
func read(t *testing.T) []file {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var out []file
	set := token.NewFileSet()
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() {
			if slices.Contains([]string{"node_modules", "testdata", "bin", "build", "dist"}, name) || (path != root && name[0] == '.') {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(set, path, raw, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		out = append(out, file{
			dir: filepath.ToSlash(dir), name: name, tree: tree, text: string(raw),
			test: strings.HasSuffix(name, "_test.go"),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d files found below %s", len(out), root)
	}
	return out
}

func TestImportsGoDownwards(t *testing.T) {
	for _, f := range read(t) {
		if why := Refuses(f.dir, f.dir, true); why != "" {
			t.Errorf("%s: %s; give it a line in Floors or Aside", f.dir, why)
			continue
		}
		for _, i := range f.tree.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(path, "sendjay/")
			if !ours {
				continue
			}
			if why := Refuses(f.dir, to, f.test); why != "" {
				t.Errorf("%s/%s imports %s: %s", f.dir, f.name, to, why)
			}
		}
	}
}

func TestEveryPackageSaysWhatItKnows(t *testing.T) {
	said, names := map[string]string{}, map[string]string{}
	for _, f := range read(t) {
		if f.test {
			continue
		}
		names[f.dir] = f.tree.Name.Name
		if f.tree.Doc != nil {
			said[f.dir] = f.tree.Doc.Text()
		}
	}
	for dir, name := range names {
		start := "Package " + name + " "
		if name == "main" {
			start = "Command "
		}
		if doc := said[dir]; !strings.HasPrefix(doc, start) || !strings.Contains(doc, ".") {
			t.Errorf("%s: the comment of the package starts with %q", dir, start)
		}
		if last := dir[strings.LastIndexByte(dir, '/')+1:]; slices.Contains(Nameless, last) || slices.Contains(Nameless, name) {
			t.Errorf("%s is a name that says nothing", dir)
		}
	}
}

func TestFilesHaveNamesThatSaySomething(t *testing.T) {
	for _, f := range read(t) {
		if base, _, _ := strings.Cut(f.name, "."); slices.Contains(Nameless, strings.TrimSuffix(base, "_test")) {
			t.Errorf("%s/%s is a name that says nothing", f.dir, f.name)
		}
	}
}

func TestLegacyNamesStandInTheStoreAlone(t *testing.T) {
	for _, f := range read(t) {
		if f.dir == "server/store" || strings.HasPrefix(f.dir, "server/store/") || f.dir == "shared/floors" {
			continue
		}
		for _, word := range Legacy {
			if strings.Contains(f.text, word) {
				t.Errorf("%s/%s speaks of %s", f.dir, f.name, word)
			}
		}
	}
}

func TestTheTableRefusesWhatItShould(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test, ok bool
	}{
		{"server/chat", "shared/protocol", false, true},
		{"server/chat", "server/store", false, true},
		{"server/store", "server/chat", false, false},
		{"server/chat", "server/session", false, false},
		{"server", "server/api", false, true},
		{"server/api", "server", false, false},
		{"desktop/edge", "webui", false, true},
		{"desktop/edge", "server/api", false, false},
		{"server/socket", "desktop/link", true, false},
		{"desktop/tray", "desktop/tray/icon", false, true},
		{"desktop/link", "desktop/edge", false, false},
		{"server/store", "server/store/storetest", false, false},
		{"server/chat", "server/store/storetest", true, true},
		{"shared/protocol", "shared/locale", false, false},
		{"server/newthing", "shared/protocol", false, false},
	} {
		if why := Refuses(c.from, c.to, c.test); (why == "") != c.ok {
			t.Errorf("%s importing %s: %q", c.from, c.to, why)
		}
	}
}
