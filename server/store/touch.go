package store

import "strings"

// touch says which rooms a statement changes, as far as a send depends on them.
type touch struct {
	kind touchKind
	// at is the argument that names the room; each is how many arguments follow until the next room, 0
	// when there is one room only.
	at, each int
}

type touchKind int

const (
	touchNone touchKind = iota
	touchNamed
	touchAll
)

// headTables hold what is kept in mind of rooms.
var headTables = []string{"A_ROOMMST_TBL", "A_ROOMDTL_TBL"}

// touches reads from a statement's text which rooms it changes. What it does not understand changes all.
func touches(query string) touch {
	q := strings.ToUpper(strings.Join(strings.Fields(query), " "))
	verb, _, _ := strings.Cut(q, " ")
	switch verb {
	case "SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "BEGIN", "COMMIT":
		return touch{}
	}
	table := ""
	for _, t := range headTables {
		if strings.Contains(q, t) {
			table = t
		}
	}
	if table == "" {
		return touch{}
	}
	if strings.ContainsAny(q, `"`+"`[;") {
		return touch{kind: touchAll}
	}
	switch verb {
	case "UPDATE", "DELETE":
		return touchesWhere(q)
	case "INSERT":
		return touchesRows(q, table)
	}
	return touch{kind: touchAll}
}

// touchesWhere looks for one condition "ROOMID=?" that every changed row has to meet.
func touchesWhere(q string) touch {
	set, where, ok := strings.Cut(q, " WHERE ")
	if !ok || strings.Contains(where, " WHERE ") || strings.ContainsAny(where, "(") || strings.Contains(where, " OR ") {
		return touch{kind: touchAll}
	}
	before := 0
	for condition := range strings.SplitSeq(where, " AND ") {
		if condition == "ROOMID=?" {
			return touch{touchNamed, strings.Count(set, "?") + before, 0}
		}
		before += strings.Count(condition, "?")
	}
	return touch{kind: touchAll}
}

// touchesRows reads "INSERT INTO table (ROOMID, …) VALUES (?, …), …", with or without what follows on a conflict.
func touchesRows(q, table string) touch {
	_, rest, ok := strings.Cut(q, " INTO "+table+" (ROOMID,")
	columns, rows, ok2 := strings.Cut(rest, ") VALUES (?,")
	if !ok || !ok2 || strings.Contains(columns, "(") {
		return touch{kind: touchAll}
	}
	rows = "(?," + rows
	each := 0
	for strings.HasPrefix(rows, "(?,") {
		row, after, ok := strings.Cut(rows, ")")
		n := strings.Count(row, "?")
		if !ok || each > 0 && n != each || strings.Contains(row[1:], "(") {
			return touch{kind: touchAll}
		}
		each, rows = n, strings.TrimLeft(after, ", ")
	}
	if strings.Contains(rows, "?") {
		return touch{kind: touchAll}
	}
	return touch{touchNamed, 0, each}
}
