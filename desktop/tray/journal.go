package main

import (
	"fmt"
	"strings"
	"time"

	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// journalLines is how many verdicts are kept to answer "why did I (not) hear of this?".
const journalLines = 50

// journal keeps the latest verdicts, without any text of a message.
type journal struct{ lines []string }

func (j *journal) add(m protocol.Message, v notify.Verdict) {
	j.lines = append(j.lines, fmt.Sprintf("%s room %s seq %d: %s, because %s", time.Now().Format(time.DateTime), m.Room, m.Seq, v.Then, v.Why))
	if over := len(j.lines) - journalLines; over > 0 {
		j.lines = append([]string(nil), j.lines[over:]...)
	}
}

func (j *journal) String() string { return strings.Join(j.lines, "\n") }
