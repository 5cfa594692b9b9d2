package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// source is what reflection does not know: order, comments, and the values of named strings.
type source struct {
	order  []string                     // type names as they stand in the files
	file   map[string]string            // type → file
	about  map[string]string            // type → comment
	fields map[string]map[string]string // type → field → comment
	values map[string][]string          // type → its constants
}

// The files of shared/protocol in the order in which a reader meets their words.
var files = []string{
	"ids.go",
	"nouns.go",
	"files.go",
	"errors.go",
	"frame.go",
	"commands.go",
	"rooms.go",
	"events.go", "check.go",
	"http.go",
	"settings.go",
	"why.go",
	"people.go",
	"desk.go", "feed.go", "tune.go", "comings.go",
	"limits.go",
}

func readSource(dir string) (*source, error) {
	s := &source{
		file: map[string]string{}, about: map[string]string{},
		fields: map[string]map[string]string{}, values: map[string][]string{},
	}
	set := token.NewFileSet()
	for _, name := range files {
		f, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.addType(name, g, spec)
				case *ast.ValueSpec:
					s.addValue(spec)
				}
			}
		}
	}
	return s, nil
}

func (s *source) addType(file string, g *ast.GenDecl, t *ast.TypeSpec) {
	name := t.Name.Name
	doc := t.Doc
	if doc == nil && len(g.Specs) == 1 {
		doc = g.Doc
	}
	s.order = append(s.order, name)
	s.file[name] = file
	s.about[name] = oneLine(doc)
	s.fields[name] = map[string]string{}
	if st, ok := t.Type.(*ast.StructType); ok {
		for _, f := range st.Fields.List {
			for _, n := range f.Names {
				s.fields[name][n.Name] = oneLine(f.Doc)
			}
		}
	}
}

func (s *source) addValue(v *ast.ValueSpec) {
	typ, ok := v.Type.(*ast.Ident)
	if !ok || len(v.Values) != 1 {
		return
	}
	lit, ok := v.Values[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	text, err := strconv.Unquote(lit.Value)
	if err == nil {
		s.values[typ.Name] = append(s.values[typ.Name], text)
	}
}

func oneLine(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }

// sort orders types as they stand in the files, those of other files first, by name.
func (s *source) sort(types []reflect.Type) {
	slices.SortFunc(types, func(a, b reflect.Type) int {
		return cmp.Or(slices.Index(s.order, a.Name())-slices.Index(s.order, b.Name()), cmp.Compare(a.Name(), b.Name()))
	})
}
