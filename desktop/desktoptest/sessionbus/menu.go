package sessionbus

import (
	"strings"

	"github.com/godbus/dbus/v5"
)

// Menu is a menu, or an entry with what stands below it.
type Menu struct {
	ID      int32
	Label   string
	Checked bool
	Enabled bool
	Below   []Menu
}

// Menu returns the menu as it is now.
func (i *Item) Menu() Menu {
	i.t.Helper()
	path := i.property("Menu").Value().(dbus.ObjectPath)
	call := i.conn.Object(i.at, path).Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	var revision uint32
	var root node
	if err := call.Store(&revision, &root); err != nil {
		i.t.Fatal(err)
	}
	return root.menu()
}

type node struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

func (n node) menu() Menu {
	m := Menu{ID: n.ID, Enabled: true}
	if v, is := n.Properties["label"].Value().(string); is {
		m.Label = v
	}
	if v, is := n.Properties["enabled"].Value().(bool); is {
		m.Enabled = v
	}
	if v, is := n.Properties["toggle-state"].Value().(int32); is {
		m.Checked = v == 1
	}
	if v, is := n.Properties["visible"].Value().(bool); is && !v {
		return Menu{}
	}
	for _, c := range n.Children {
		var below node
		if err := dbus.Store([]any{c.Value()}, &below); err == nil {
			if sub := below.menu(); sub.Label != "" {
				m.Below = append(m.Below, sub)
			}
		}
	}
	return m
}

// Find returns the entry with this path of labels; a label may be cut short with "…" at its end.
func (m Menu) Find(path ...string) (Menu, bool) {
	if len(path) == 0 {
		return m, true
	}
	for _, sub := range m.Below {
		if start, cut := strings.CutSuffix(path[0], "…"); sub.Label == path[0] || cut && strings.HasPrefix(sub.Label, start) {
			return sub.Find(path[1:]...)
		}
	}
	return Menu{}, false
}

// Labels returns the labels of a menu and of the menus below it, with "/" between the levels.
func (m Menu) Labels() []string {
	var all []string
	for _, sub := range m.Below {
		all = append(all, sub.Label)
		for _, deeper := range sub.Labels() {
			all = append(all, sub.Label+"/"+deeper)
		}
	}
	return all
}

// Choose waits for the entry with this path of labels and clicks it.
func (i *Item) Choose(path ...string) {
	i.t.Helper()
	var entry Menu
	i.Await("menu entry "+strings.Join(path, "/"), func() bool {
		e, is := i.Menu().Find(path...)
		entry = e
		return is
	})
	menu := i.conn.Object(i.at, i.property("Menu").Value().(dbus.ObjectPath))
	if err := menu.Call("com.canonical.dbusmenu.Event", 0, entry.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err; err != nil {
		i.t.Fatal(err)
	}
}
