package session

import (
	"encoding/json"
	"slices"

	"sendjay/server/bus"
	"sendjay/shared/protocol"
)

// Bus is what is needed of the way to the other nodes.
type Bus interface {
	Self() string
	Publish(topic string, data []byte)
	Subscribe(topic string, hear func(from string, data []byte)) (stop func())
	Around(hear func(bus.Change)) (stop func())
}

// topic is ours on the bus.
const topic = "session"

// word is what nodes say to each other of sessions; one of its fields is set.
type word struct {
	// All are the sessions of the node that speaks, in place of those that it said before.
	All *[]near `json:"all,omitempty"`
	// Ask names a node that shall say All.
	Ask    string   `json:"ask,omitempty"`
	Open   []near   `json:"open,omitempty"`
	Close  *gone    `json:"close,omitempty"`
	Attend *attends `json:"attend,omitempty"`
	End    *ends    `json:"end,omitempty"`
	Type   *types   `json:"type,omitempty"`
}

// near is a session as its own node tells of it.
type near struct {
	User      protocol.UserID     `json:"user"`
	Session   protocol.SessionID  `json:"session"`
	Device    protocol.Device     `json:"device"`
	Stamp     int64               `json:"stamp"`
	At        protocol.Instant    `json:"at"`
	Address   string              `json:"address"`
	Agent     string              `json:"agent"`
	Attention *protocol.Attention `json:"attention,omitempty"`
}

type gone struct {
	User    protocol.UserID    `json:"user"`
	Session protocol.SessionID `json:"session"`
}

type attends struct {
	User    protocol.UserID    `json:"user"`
	Session protocol.SessionID `json:"session"`
	protocol.Attention
}

type ends struct {
	User   protocol.UserID `json:"user"`
	SignIn string          `json:"signIn,omitempty"`
}

type types struct {
	Room    protocol.RoomID    `json:"room"`
	Who     protocol.Person    `json:"who"`
	Session protocol.SessionID `json:"session,omitempty"`
	On      bool               `json:"on,omitempty"`
	Sent    bool               `json:"sent,omitempty"`
}

// away is a session at another node.
type away struct {
	node string
	near
}

func (x *away) says() protocol.DeviceAttention {
	return protocol.DeviceAttention{Session: x.Session, Device: x.Device, Attention: *x.Attention}
}

func (x *away) goneFrom() protocol.DeviceAttention {
	return protocol.DeviceAttention{Session: x.Session, Device: x.Device, Gone: true}
}

func nearOf(s *Session) near {
	return near{s.User, s.ID, s.Device, s.stamp, s.opened, s.Address, s.Agent, s.attention}
}

// stampLocked returns the place of a session that opens now in the order of all sessions: the time of day
// in microseconds, but later than every stamp given or heard so far. So a node whose clock is behind does
// not lose against what it has heard of. The caller holds mu.
func (r *Registry) stampLocked(now protocol.Instant) int64 {
	r.last = max(r.last+1, int64(now)*1000)
	return r.last
}

// sayLocked says w to the other nodes. The bus only takes it into its queue; the lock keeps what is said in
// the order in which it happened. The caller holds mu.
func (r *Registry) sayLocked(w word) { r.say(w) }

func (r *Registry) say(w word) {
	if r.bus == nil {
		return
	}
	raw, err := json.Marshal(w)
	if err != nil {
		panic("session: a word that does not encode: " + err.Error())
	}
	r.bus.Publish(topic, raw)
}

func (r *Registry) sayEnd(user protocol.UserID, signIn string) {
	r.say(word{End: &ends{user, signIn}})
}

// join begins to hear the other nodes.
func (r *Registry) join() {
	r.far = map[protocol.UserID][]*away{}
	r.deaf = append(r.deaf, r.bus.Subscribe(topic, r.hear), r.bus.Around(r.around))
}

// around is told what becomes of the others. Who came does not know us, and we do not know him. Whom we did not
// hear may have dropped a session of ours for one that came and went unheard, so he is told anew as well.
func (r *Registry) around(c bus.Change) {
	switch c.What {
	case bus.Came, bus.Missed:
		r.sayAll()
		r.say(word{Ask: c.Node})
	case bus.Left, bus.Gone:
		r.replace(c.Node, nil)
	case bus.Down, bus.Back:
	}
}

// sayAll tells the others of every session here.
func (r *Registry) sayAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]near, 0, r.count)
	for _, s := range r.people {
		for ; s != nil; s = s.next {
			all = append(all, nearOf(s))
		}
	}
	r.sayLocked(word{All: &all})
}

// hear takes a word of another node.
func (r *Registry) hear(from string, data []byte) {
	var w word
	if err := json.Unmarshal(data, &w); err != nil {
		r.log.Warn("a word of another node that cannot be read", "node", from)
		return
	}
	switch {
	case w.All != nil:
		r.replace(from, *w.All)
	case w.Ask == r.bus.Self():
		r.sayAll()
	case w.Open != nil:
		for _, n := range w.Open {
			r.openFar(from, n)
		}
	case w.Close != nil:
		r.closeFar(w.Close.User, w.Close.Session)
	case w.Attend != nil:
		r.attendFar(w.Attend)
	case w.End != nil:
		if r.ended != nil {
			r.ended(w.End.User, w.End.SignIn)
		}
		r.endHere(w.End.User, w.End.SignIn)
	case w.Type != nil && w.Type.Sent:
		r.typing.sent(w.Type.Room, w.Type.Who.ID)
	case w.Type != nil:
		r.typing.set(w.Type.Room, w.Type.Who, w.Type.Session, w.Type.On)
	}
}

// replace takes what a node says of its sessions in place of what it said before.
func (r *Registry) replace(node string, all []near) {
	is := make(map[protocol.SessionID]bool, len(all))
	for _, n := range all {
		is[n.Session] = true
	}
	var over []gone
	r.mu.RLock()
	for _, far := range r.far {
		for _, x := range far {
			if x.node == node && !is[x.Session] {
				over = append(over, gone{x.User, x.Session})
			}
		}
	}
	r.mu.RUnlock()
	for _, g := range over {
		r.closeFar(g.User, g.Session)
	}
	for _, n := range all {
		r.openFar(node, n)
	}
}

// openFar takes in a session of another node. The newest wins, wherever it is.
func (r *Registry) openFar(node string, n near) {
	r.mu.Lock()
	r.last = max(r.last, n.Stamp)
	x := r.farLocked(n.User, n.Session)
	changed := x == nil || x.Attention == nil != (n.Attention == nil) || n.Attention != nil && *x.Attention != *n.Attention
	if x == nil {
		n.User, n.Device = protocol.UserID(own(string(n.User))), protocol.Device(own(string(n.Device)))
		n.Address, n.Agent = own(n.Address), own(n.Agent)
		x = &away{node, n}
		r.far[n.User] = append(r.far[n.User], x)
	} else {
		x.node, x.Stamp, x.Attention = node, n.Stamp, n.Attention
	}
	out := r.settleLocked(n.User, n.Device)
	var rest []*Session
	if changed && n.Attention != nil && r.farLocked(n.User, n.Session) != nil {
		rest = r.allLocked(n.User)
	}
	r.mu.Unlock()
	r.finish(out)
	if rest != nil {
		tell(rest, x.says())
	}
	r.presence.touch(n.User)
}

// closeFar forgets a session of another node.
func (r *Registry) closeFar(user protocol.UserID, session protocol.SessionID) {
	r.mu.Lock()
	x := r.farLocked(user, session)
	if x == nil {
		r.mu.Unlock()
		return
	}
	r.dropFarLocked(x)
	var rest []*Session
	if x.Attention != nil {
		rest = r.allLocked(user)
	}
	r.mu.Unlock()
	r.typing.ended(session)
	r.presence.touch(user)
	tell(rest, x.goneFrom())
}

// attendFar notes what a device at another node says.
func (r *Registry) attendFar(a *attends) {
	r.mu.Lock()
	x := r.farLocked(a.User, a.Session)
	if x == nil || x.Attention != nil && *x.Attention == a.Attention {
		r.mu.Unlock()
		return
	}
	before := level(x.Attention)
	x.Attention = &a.Attention
	said := x.says()
	rest := r.allLocked(a.User)
	r.mu.Unlock()
	tell(rest, said)
	if level(&a.Attention) != before {
		r.presence.touch(a.User)
	}
}

// farLocked finds a session of another node. The caller holds mu.
func (r *Registry) farLocked(user protocol.UserID, session protocol.SessionID) *away {
	for _, x := range r.far[user] {
		if x.Session == session {
			return x
		}
	}
	return nil
}

// dropFarLocked forgets x. The caller holds mu.
func (r *Registry) dropFarLocked(x *away) {
	rest := slices.DeleteFunc(r.far[x.User], func(o *away) bool { return o == x })
	if len(rest) == 0 {
		delete(r.far, x.User)
	} else {
		r.far[x.User] = rest
	}
}

// allLocked returns every session of a person here. The caller holds mu.
func (r *Registry) allLocked(user protocol.UserID) []*Session {
	var all []*Session
	for s := r.people[user]; s != nil; s = s.next {
		all = append(all, s)
	}
	return all
}

// Far counts the sessions at other nodes.
func (r *Registry) Far() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := 0
	for _, far := range r.far {
		n += len(far)
	}
	return n
}
