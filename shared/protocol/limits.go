package protocol

// Limits are the sizes that both sides keep. Text is counted in Unicode code points, ids and frames in bytes.
// Sources: text, title and ids from the columns of the original tables; the frame limit from the design.
var Limits = struct {
	FrameBytes    int64 `json:"frameBytes"`
	TextRunes     int   `json:"textRunes"`
	TitleRunes    int   `json:"titleRunes"`
	IDBytes       int   `json:"idBytes"`
	UserIDBytes   int   `json:"userIdBytes"`
	PasswordBytes int   `json:"passwordBytes"`
	RoomMembers   int   `json:"roomMembers"`
	SameMembers   int   `json:"sameMembers"`
	ListedMembers int   `json:"listedMembers"`
	PageDefault   int   `json:"pageDefault"`
	PageMax       int   `json:"pageMax"`
	RoomsPage     int   `json:"roomsPage"`
	ChangesMax    int   `json:"changesMax"`
	SearchRunes   int   `json:"searchRunes"`
	QuietHours    int   `json:"quietHours"`
	Holidays      int   `json:"holidays"`
	HolidayRunes  int   `json:"holidayRunes"`
	PeoplePage    int   `json:"peoplePage"`
	NickRunes     int   `json:"nickRunes"`
	JobRunes      int   `json:"jobRunes"`
	PhoneRunes    int   `json:"phoneRunes"`
	AbsenceCode   int   `json:"absenceCode"`
	PictureBytes  int   `json:"pictureBytes"`
	AnnounceRunes int   `json:"announceRunes"`
	Watched       int   `json:"watched"`
	Typists       int   `json:"typists"`
	PinnedRooms   int   `json:"pinnedRooms"`
	Places        int   `json:"places"`
	Verdicts      int   `json:"verdicts"`
	Whether       int   `json:"whether"`
	QuoteRunes    int   `json:"quoteRunes"`
	NoticeRunes   int   `json:"noticeRunes"`
	Mentions      int   `json:"mentions"`
	EmojiBytes    int   `json:"emojiBytes"`
	ReactionKinds int   `json:"reactionKinds"`
	ReactionUsers int   `json:"reactionUsers"`
	HideIDs       int   `json:"hideIds"`
}{
	FrameBytes:    64 << 10,
	TextRunes:     4000,
	TitleRunes:    100,
	IDBytes:       40,
	UserIDBytes:   20,
	PasswordBytes: 256,
	RoomMembers:   2000,
	SameMembers:   50,
	ListedMembers: 20,
	PageDefault:   50,
	PageMax:       100,
	RoomsPage:     500, // a whole talk list at once: each page has to put all of it in order
	ChangesMax:    500,
	SearchRunes:   100,
	QuietHours:    14,
	Holidays:      400, // what a body holds, and far more than anybody plans ahead
	HolidayRunes:  50,
	PeoplePage:    500,
	NickRunes:     100,
	JobRunes:      50,
	PhoneRunes:    20,
	AbsenceCode:   7,
	PictureBytes:  5 << 20,
	AnnounceRunes: 500,
	Watched:       500,
	Typists:       5,
	PinnedRooms:   100,
	Places:        62,
	Verdicts:      20,
	Whether:       500, // what a frame holds with room to spare
	QuoteRunes:    200,
	NoticeRunes:   500,
	Mentions:      50,
	EmojiBytes:    64,
	ReactionKinds: 20,
	ReactionUsers: 10,
	HideIDs:       100,
}
