package command

import (
	"context"

	"sendjay/shared/protocol"
)

// run carries out one checked request.
type run func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error)

// ops holds what each line of protocol.Commands does.
var ops = map[protocol.Op]run{
	protocol.OpPing: func(context.Context, *Commands, Caller, protocol.Request) (any, error) {
		return protocol.Done{}, nil
	},
	protocol.OpRoomCreate: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return s.chat.CreateRoom(ctx, by.person(), r.(protocol.CreateRoom))
	},
	protocol.OpRoomInvite: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return s.chat.Invite(ctx, by.person(), r.(protocol.InviteMembers))
	},
	protocol.OpRoomLeave: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Leave(ctx, by.person(), r.(protocol.LeaveRoom))
	},
	protocol.OpRoomKick: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Kick(ctx, by.person(), r.(protocol.KickMember))
	},
	protocol.OpRoomRename: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Rename(ctx, by.person(), r.(protocol.RenameRoom))
	},
	protocol.OpRoomMaster: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.HandOver(ctx, by.person(), r.(protocol.HandOver))
	},
	protocol.OpRoomMine: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.SetMine(ctx, by.person(), r.(protocol.SetMine))
	},
	protocol.OpRoomOrder: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Order(ctx, by.person(), r.(protocol.OrderRooms))
	},
	protocol.OpMessageSend: send,
	protocol.OpMessageRead: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Read(ctx, by.person(), r.(protocol.ReadMessages))
	},
	protocol.OpMessageCancel: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Cancel(ctx, by.person(), r.(protocol.CancelMessage))
	},
	protocol.OpMessageEdit: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Edit(ctx, by.person(), r.(protocol.EditMessage))
	},
	protocol.OpMessageReact: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.React(ctx, by.person(), r.(protocol.ReactMessage))
	},
	protocol.OpMessageHide: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Hide(ctx, by.person(), r.(protocol.HideMessages))
	},
	protocol.OpRoomNotice: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Notice(ctx, by.person(), r.(protocol.SetNotice))
	},
	protocol.OpPreviewDrop: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.DropPreview(ctx, by.person(), r.(protocol.DropPreview))
	},
	protocol.OpFileExtend: func(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return s.chat.ExtendFile(ctx, by.person(), r.(protocol.ExtendFile))
	},
	protocol.OpAttention: attend,
	protocol.OpTyping:    setTyping,
	protocol.OpWatch: func(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Presences{People: s.sessions.Watch(by.Session, r.(protocol.WatchPresence).Users)}, nil
	},
	protocol.OpWhy: func(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return asked(s, by, s.chat.AskWhy(by.person(), r.(protocol.AskWhy)))
	},
	protocol.OpBecause: func(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		if by.Session == nil {
			return nil, protocol.Refuse(protocol.BadRequest)
		}
		return protocol.Done{}, s.chat.Because(by.person(), by.Session.Device, r.(protocol.Because))
	},
	protocol.OpWhether: func(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return asked(s, by, s.chat.AskWhether(by.person(), r.(protocol.AskWhether)))
	},
	protocol.OpTold: func(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
		return protocol.Done{}, s.chat.Told(by.person(), r.(protocol.Told))
	},
}

// asked answers how many devices a question went to.
func asked(s *Commands, by Caller, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return protocol.Asked{Devices: new(s.sessions.Others(by.ID, by.person().Session))}, nil
}

// send answers a new message at its place among the room's events, where the caller can take it there.
func send(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
	who, answered := by.person(), false
	if by.Answer != nil {
		who.Answer = func(m protocol.MessageSent) {
			answered = true
			by.Answer(m)
		}
	}
	m := r.(protocol.SendMessage)
	sent, err := s.chat.Send(ctx, who, m)
	if err == nil {
		s.sessions.Sent(by.ID, m.Room)
	}
	if err == nil && answered {
		return Answered{}, nil
	}
	return sent, err
}

// attend keeps what a device says; only a live session has anybody in front of it.
func attend(_ context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
	if by.Session == nil {
		return nil, protocol.Refuse(protocol.BadRequest)
	}
	s.sessions.Attend(by.Session, r.(protocol.Attention))
	return protocol.Done{}, nil
}

// setTyping lets the members of a room know that somebody is typing; only a member of it can, at a
// live session.
func setTyping(ctx context.Context, s *Commands, by Caller, r protocol.Request) (any, error) {
	if by.Session == nil {
		return nil, protocol.Refuse(protocol.BadRequest)
	}
	t := r.(protocol.SetTyping)
	if err := s.chat.Present(ctx, by.ID, t.Room); err != nil {
		return nil, err
	}
	s.sessions.Type(by.Session, protocol.Person{ID: by.ID, Name: by.Name}, t.Room, t.On)
	return protocol.Done{}, nil
}
