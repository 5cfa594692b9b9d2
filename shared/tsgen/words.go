package main

import (
	"fmt"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// bodies are what goes over HTTP beside the commands; gather fails when one of http.go is missing here.
var bodies = []any{
	protocol.Login{},
	protocol.SignedIn{},
	protocol.SearchPage{},
	protocol.TextContext{},
	protocol.TextPart{},
	protocol.RoomName{},
	protocol.PlacePage{},
	protocol.Refresh{},
	protocol.ChangePassword{},
	protocol.RoomsPage{},
	protocol.MembersPage{},
	protocol.MessagesPage{},
	protocol.ReadersPage{},
	protocol.ChangesPage{},
	protocol.ArchivePage{},
	protocol.UnreadPage{},
	protocol.UsersPage{},
	protocol.Refused{},
	protocol.LineCheck{},
}

// words are the types that go over the wire, by kind, as they stand in the files.
type words struct {
	structs []reflect.Type
	names   []reflect.Type // named strings and numbers
}

// field is one field of a struct on the wire.
type field struct {
	name     string // on the wire
	goName   string
	typ      reflect.Type
	optional bool
}

// gather walks everything that the tables name.
func gather(src *source) (*words, error) {
	w := &words{}
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.PkgPath() == "" || seen[t] {
			return
		}
		seen[t] = true
		if t.Kind() != reflect.Struct {
			w.names = append(w.names, t)
			return
		}
		w.structs = append(w.structs, t)
		for f := range t.Fields() {
			walk(f.Type)
		}
	}
	for _, c := range protocol.Commands {
		walk(reflect.TypeOf(c.Request))
		walk(reflect.TypeOf(c.Reply))
	}
	for _, e := range protocol.Events {
		walk(reflect.TypeOf(e.Data))
	}
	for _, b := range bodies {
		walk(reflect.TypeOf(b))
	}
	for _, r := range protocol.AllRoutes() {
		for _, b := range []any{r.Takes, r.Answers} {
			if b != nil {
				walk(reflect.TypeOf(b))
			}
		}
	}
	walk(reflect.TypeFor[protocol.Class]())
	src.sort(w.structs)
	src.sort(w.names)
	for _, name := range src.order {
		known := slices.ContainsFunc(w.structs, func(t reflect.Type) bool { return t.Name() == name })
		if src.file[name] == "http.go" && token.IsExported(name) && !known {
			return nil, fmt.Errorf("http.go has %s, which nothing in tsgen names", name)
		}
	}
	return w, nil
}

// fieldsOf returns the fields of t on the wire, and the embedded struct whose fields it shares, or nil.
func fieldsOf(t reflect.Type) ([]field, reflect.Type) {
	var out []field
	var base reflect.Type
	for f := range t.Fields() {
		if f.Anonymous {
			base = f.Type
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		out = append(out, field{name: name, goName: f.Name, typ: f.Type, optional: optional})
	}
	return out, base
}

// tsName is the name of t in TypeScript. Code is too short a name for a whole web UI.
func tsName(t reflect.Type) string {
	if t == reflect.TypeFor[protocol.Code]() {
		return "ErrorCode"
	}
	return t.Name()
}

// tsType writes t as a TypeScript type.
func tsType(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return tsType(t.Elem())
	case t.Kind() == reflect.Slice:
		return "readonly " + tsType(t.Elem()) + "[]"
	case t == reflect.TypeFor[protocol.Text]():
		return "string"
	case t.PkgPath() != "":
		return tsName(t)
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.String:
		return "string"
	}
	return "number"
}

// tsField writes the type of one field. A comment that says `"" for none` makes "" one of the values.
func tsField(src *source, of reflect.Type, f field) string {
	s := tsType(f.typ)
	if f.typ.PkgPath() != "" && strings.Contains(src.fields[of.Name()][f.goName], `"" for none`) {
		s += ` | ""`
	}
	return s
}
