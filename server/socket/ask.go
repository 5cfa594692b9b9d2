package socket

import (
	"unicode/utf8"

	"sendjay/server/command"
	"sendjay/shared/protocol"
)

// asker is a session that asks, however its frames travel.
type asker interface {
	who() command.Caller
	language() string
	// put queues the answer to a command among the events; answer sends it as well.
	put(protocol.Answer)
	answer(protocol.Answer)
	Flush()
}

// take answers one text. It reports false for one that nobody can read.
func (s *Server) take(a asker, text []byte) bool {
	var ask protocol.Ask
	var err error
	if utf8.Valid(text) {
		ask, err = protocol.ReadAsk(text)
	} else {
		err = protocol.Refuse(protocol.BadRequest)
	}
	by := a.who()
	if err != nil {
		a.answer(protocol.Answer{Unread: true, Error: s.Commands.Fault(a.language(), "read frame", by.ID, err)})
		return false
	}
	s.carryOut(a, by, ask)
	return true
}

// carryOut answers one command.
func (s *Server) carryOut(a asker, by command.Caller, ask protocol.Ask) {
	by.Answer = func(data any) { a.put(protocol.Answer{Re: ask.ID, Data: data}) }
	data, err := s.Commands.Do(s.ctx, by, ask.Op, ask.Data)
	if _, queued := data.(command.Answered); queued {
		a.Flush()
		return
	}
	if err != nil {
		a.answer(protocol.Answer{Re: ask.ID, Error: s.Commands.Fault(a.language(), string(ask.Op), by.ID, err)})
		return
	}
	a.answer(protocol.Answer{Re: ask.ID, Data: data})
}
