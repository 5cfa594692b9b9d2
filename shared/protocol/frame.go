package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// Ask is a frame from a client.
type Ask struct {
	ID   int64           `json:"id"`
	Op   Op              `json:"op"`
	Data json.RawMessage `json:"data"`
}

// Answer is the reply to an Ask. Exactly one of Data and Error is set.
type Answer struct {
	// Re is the Ask's ID, which may be 0.
	Re    int64  `json:"re"`
	Data  any    `json:"data,omitempty"`
	Error *Fault `json:"error,omitempty"`
	// Unread is set for the answer, an Error, to a frame that could not be read at all: it refers to nothing.
	Unread bool `json:"-"`
}

// Fault is a refusal with a sentence for a person.
type Fault struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
	// RetryAfter in seconds.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Most is how much there may be, where that is the reason.
	Most int64 `json:"most,omitempty"`
	// Certificate is what a tray tells its own page of a server's certificate, beside Unavailable; a server never does.
	Certificate *CertificateFault `json:"certificate,omitempty"`
}

// Push is an event frame. Since is absent when the event covers exactly one change; otherwise the
// event holds everything after Since up to Rev, so that a client at Since or later misses nothing. An
// event that holds nothing and whose Since is its Rev only shows where the room stands: after a time in
// which nodes could not hear each other, whoever is not there yet sees a gap and asks.
type Push struct {
	Ev    EventName `json:"ev"`
	Room  RoomID    `json:"room,omitempty"`
	Rev   Rev       `json:"rev,omitempty"`
	Since *Rev      `json:"since,omitempty"`
	Data  any       `json:"data"`
}

// Encode returns p as one frame.
func (p Push) Encode() []byte {
	if b, ok := quickPush(p); ok {
		return b
	}
	return encode(p)
}

// Encode returns p as JSON.
func (p MessagesPage) Encode() []byte {
	if b, ok := quickPage(&p); ok {
		return b
	}
	return encode(p)
}

// Encode returns a as one frame.
func (a Answer) Encode() []byte {
	if a.Unread {
		return encode(Refused{Error: *a.Error})
	}
	if b, ok := quickAnswer(a); ok {
		return b
	}
	return encode(a)
}

// encode writes v without escaping <, > and &: nothing of it is ever put into HTML as text.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("protocol: a frame that does not encode: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// ReadAsk reads a client's frame. It refuses what is not one JSON object with an op.
func ReadAsk(frame []byte) (Ask, error) {
	a, ok := quickAsk(frame)
	if ok {
		return a, nil
	}
	a = Ask{}
	if t := bytes.TrimLeft(frame, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return a, Refuse(BadRequest)
	}
	if err := json.Unmarshal(frame, &a); err != nil {
		return a, Refuse(BadRequest)
	}
	return a, nil
}

// ReadRequest decodes the data of op into the request type of its line and checks it.
func ReadRequest(op Op, data []byte) (Request, error) {
	line, ok := Find(op)
	if !ok {
		return nil, Refuse(UnknownOp)
	}
	if r, ok := quickRequest(op, data); ok {
		if bad := r.Check(); bad != nil {
			return nil, bad
		}
		return r, nil
	}
	v := reflect.New(reflect.TypeOf(line.Request))
	if len(bytes.TrimSpace(data)) > 0 {
		if data[0] != '{' {
			return nil, RefuseField(BadRequest, "data")
		}
		if err := json.Unmarshal(data, v.Interface()); err != nil {
			return nil, nameText(asRefusal(err), v.Type().Elem(), data)
		}
	}
	r := v.Elem().Interface().(Request)
	if bad := r.Check(); bad != nil {
		return nil, bad
	}
	return r, nil
}

// nameText puts the field's own name into a refusal by Text, which does not know where it stands.
func nameText(err error, request reflect.Type, data []byte) error {
	r, ok := errors.AsType[*Refusal](err)
	if !ok || r.Field != anyText {
		return err
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return err
	}
	for _, f := range reflect.VisibleFields(request) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		var t Text
		if raw := fields[name]; f.Type == reflect.TypeFor[Text]() && raw != nil && t.UnmarshalJSON(raw) != nil {
			return RefuseField(r.Code, name)
		}
	}
	return err
}

// asRefusal turns an error of encoding/json into a refusal that names the field.
func asRefusal(err error) error {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return RefuseField(BadRequest, t.Field)
	}
	return Refuse(BadRequest)
}
