package protocol

import (
	"bytes"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Sending is what is done most, and encoding/json's way through reflection is a tenth of what a message
// costs. So the frames of sending and reading, in the form in which clients write them, are read and written
// by hand here. Whatever is not that plain (escapes, spaces, other fields) goes the usual way: these
// functions then report false. The tests hold both ways against each other for every field there is.

// quickAsk reads a frame.
func quickAsk(frame []byte) (a Ask, ok bool) {
	var hasID, hasOp bool
	at, ok := object(frame, 0, func(key, value []byte) bool {
		switch {
		case string(key) == "id" && !hasID:
			a.ID, hasID = integer(value)
			return hasID
		case string(key) == "op" && !hasOp:
			a.Op, hasOp = Op(usual(value, string(OpMessageSend), string(OpMessageRead))), true
			return value[0] == '"'
		case string(key) == "data" && a.Data == nil:
			a.Data = value
			return true
		}
		return false
	})
	return a, ok && at == len(frame) && utf8.ValidString(string(a.Op))
}

// quickRequest reads the data of an op, unchecked.
func quickRequest(op Op, data []byte) (Request, bool) {
	switch op {
	case OpMessageSend:
		var m SendMessage
		ok := each(data, func(key, value []byte) bool {
			if value[0] != '"' || !utf8.Valid(value) {
				return false
			}
			switch string(key) {
			case "id":
				m.ID = MessageID(plain(value))
			case "room":
				m.Room = RoomID(plain(value))
			case "type":
				m.Type = MessageType(usual(value, string(Talk)))
			case "body":
				m.Body = Text(plain(value))
			default:
				return false
			}
			return true
		})
		return m, ok
	case OpMessageRead:
		var m ReadMessages
		ok := each(data, func(key, value []byte) bool {
			n, number := integer(value)
			switch {
			case string(key) == "room" && value[0] == '"' && utf8.Valid(value):
				m.Room = RoomID(plain(value))
			case string(key) == "seq" && number:
				m.Seq = Seq(n)
			default:
				return false
			}
			return true
		})
		return m, ok
	}
	return nil, false
}

// each reads one object without an inner one to its end, each key once.
func each(data []byte, take func(key, value []byte) bool) bool {
	var seen [8][]byte
	n := 0
	at, ok := object(data, 0, func(key, value []byte) bool {
		for _, k := range seen[:n] {
			if bytes.Equal(k, key) {
				return false
			}
		}
		if n == len(seen) || value[0] == '{' {
			return false
		}
		seen[n] = key
		n++
		return take(key, value)
	})
	return ok && at == len(data)
}

// object reads an object at b[at] without spaces, whose values are strings without escapes, integers,
// booleans, or such objects. It returns where the object ends.
func object(b []byte, at int, take func(key, value []byte) bool) (end int, ok bool) {
	if at >= len(b) || b[at] != '{' {
		return at, false
	}
	for at++; ; at++ {
		from := at
		if at, ok = text(b, at); !ok || at >= len(b) || b[at] != ':' {
			return at, false
		}
		key := b[from+1 : at-1]
		at++
		from = at
		if at, ok = value(b, at); !ok || at >= len(b) || !take(key, b[from:at]) {
			return at, false
		}
		switch b[at] {
		case ',':
		case '}':
			return at + 1, true
		default:
			return at, false
		}
	}
}

// value returns where the value at b[at] ends.
func value(b []byte, at int) (end int, ok bool) {
	if at >= len(b) {
		return at, false
	}
	switch rest := b[at:]; {
	case rest[0] == '"':
		return text(b, at)
	case rest[0] == '{':
		// One inner object is enough, and bounds the depth.
		return object(b, at, func(_, inner []byte) bool { return inner[0] != '{' })
	case bytes.HasPrefix(rest, []byte("true")):
		return at + 4, true
	case bytes.HasPrefix(rest, []byte("false")):
		return at + 5, true
	default:
		n := 0
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '-') {
			n++
		}
		_, ok = integer(rest[:n])
		return at + n, ok
	}
}

// text returns where the string at b[at] ends.
func text(b []byte, at int) (end int, ok bool) {
	if at >= len(b) || b[at] != '"' {
		return at, false
	}
	for at++; at < len(b); at++ {
		switch c := b[at]; {
		case c == '"':
			return at + 1, true
		case c == '\\' || c < ' ':
			return at, false
		}
	}
	return at, false
}

// plain is the text of a string without escapes.
func plain(quoted []byte) string { return string(quoted[1:max(1, len(quoted)-1)]) }

// usual is plain for what is nearly always one of these words, which need no memory of their own.
func usual(quoted []byte, words ...string) string {
	for _, w := range words {
		if len(quoted) == len(w)+2 && string(quoted[1:len(quoted)-1]) == w {
			return w
		}
	}
	return plain(quoted)
}

// integer reads one as JSON writes it.
func integer(b []byte) (int64, bool) {
	digits := bytes.TrimPrefix(b, []byte("-"))
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' || len(digits) > 18 {
		return 0, false
	}
	n := int64(0)
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = 10*n + int64(d-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// quickPush writes the event of a new message.
func quickPush(p Push) ([]byte, bool) {
	m, ok := p.Data.(Message)
	if !ok || p.Since != nil {
		return nil, false
	}
	b := make([]byte, 0, 320+len(m.Body)+len(m.SenderName))
	b = append(b, `{"ev":`...)
	b, ok = quoted(b, string(p.Ev), ok)
	if p.Room != "" {
		b = append(b, `,"room":`...)
		b, ok = quoted(b, string(p.Room), ok)
	}
	if p.Rev != 0 {
		b = append(b, `,"rev":`...)
		b = strconv.AppendInt(b, int64(p.Rev), 10)
	}
	b = append(b, `,"data":`...)
	b, ok = quickMessage(b, &m, ok)
	return append(b, '}'), ok
}

// quickPage writes a page of a room's messages.
func quickPage(p *MessagesPage) ([]byte, bool) {
	size := 32
	for i := range p.Messages {
		size += 256 + len(p.Messages[i].Body) + len(p.Messages[i].SenderName)
	}
	b, ok := append(make([]byte, 0, size), `{"messages":[`...), p.Messages != nil
	for i := range p.Messages {
		if i > 0 {
			b = append(b, ',')
		}
		if b, ok = quickMessage(b, &p.Messages[i], ok); !ok {
			return nil, false
		}
	}
	b = append(b, `],"more":`...)
	b = strconv.AppendBool(b, p.More)
	return append(b, '}'), ok
}

// quickMessage writes a message that has nothing but a text.
func quickMessage(b []byte, m *Message, ok bool) ([]byte, bool) {
	rest := *m
	rest.ID, rest.Room, rest.Seq, rest.Rev, rest.Sender, rest.SenderName = "", "", 0, 0, "", ""
	rest.Type, rest.Body, rest.Reply, rest.At, rest.Unread = "", "", "", 0, 0
	if !reflect.ValueOf(&rest).Elem().IsZero() {
		return b, false // it has something that is not written below
	}
	b = append(b, `{"id":`...)
	b, ok = quoted(b, string(m.ID), ok)
	b = append(b, `,"room":`...)
	b, ok = quoted(b, string(m.Room), ok)
	b = append(b, `,"seq":`...)
	b = strconv.AppendInt(b, int64(m.Seq), 10)
	b = append(b, `,"rev":`...)
	b = strconv.AppendInt(b, int64(m.Rev), 10)
	b = append(b, `,"sender":`...)
	b, ok = quoted(b, string(m.Sender), ok)
	b = append(b, `,"senderName":`...)
	b, ok = quoted(b, m.SenderName, ok)
	b = append(b, `,"type":`...)
	b, ok = quoted(b, string(m.Type), ok)
	b = append(b, `,"body":`...)
	b, ok = quoted(b, m.Body, ok)
	if m.Reply != "" {
		b = append(b, `,"reply":`...)
		b, ok = quoted(b, string(m.Reply), ok)
	}
	b = append(b, `,"at":`...)
	b = m.At.append(b)
	b = append(b, `,"unread":`...)
	b = strconv.AppendInt(b, int64(m.Unread), 10)
	return append(b, '}'), ok
}

// quickAnswer writes the reply to a message that was sent.
func quickAnswer(a Answer) ([]byte, bool) {
	m, ok := a.Data.(MessageSent)
	if !ok || a.Error != nil {
		return nil, false
	}
	rest := m
	rest.ID, rest.Room, rest.Seq, rest.Rev, rest.At = "", "", 0, 0, 0
	if !reflect.ValueOf(&rest).Elem().IsZero() {
		return nil, false // as above
	}
	b := make([]byte, 0, 224)
	b = append(b, `{"re":`...)
	b = strconv.AppendInt(b, a.Re, 10)
	b = append(b, `,"data":{"id":`...)
	b, ok = quoted(b, string(m.ID), ok)
	b = append(b, `,"room":`...)
	b, ok = quoted(b, string(m.Room), ok)
	b = append(b, `,"seq":`...)
	b = strconv.AppendInt(b, int64(m.Seq), 10)
	b = append(b, `,"rev":`...)
	b = strconv.AppendInt(b, int64(m.Rev), 10)
	b = append(b, `,"at":`...)
	b = m.At.append(b)
	return append(b, '}', '}'), ok
}

// quoted appends s as a JSON string; false, like an ok that was false before, when s needs an escape.
func quoted(b []byte, s string, ok bool) ([]byte, bool) {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\':
			return b, false
		case c >= utf8.RuneSelf:
			ascii = false
			// The separators of lines and paragraphs are escaped, because JavaScript once took them for such.
			if c == 0xe2 && i+2 < len(s) && s[i+1] == 0x80 && s[i+2]&^1 == 0xa8 {
				return b, false
			}
		}
	}
	if !ascii && !utf8.ValidString(s) {
		return b, false
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), ok
}
