package protocol

import "testing"

func TestOneEmojiIsAReactionAndATextIsNone(t *testing.T) {
	for _, e := range []Emoji{"👍", "❤️", "😂", "👍🏽", "👨‍👩‍👧‍👦", "🇰🇷", "1️⃣", "#️⃣", "‼️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☺", "↔️", "🫡"} {
		if !e.Valid() {
			t.Errorf("%q is refused", e)
		}
	}
	for _, e := range []Emoji{"", " ", "a", "네", "👍👍", "👍 ", "1", "12", "<b>", "👍a", "\u200d", "👍\u200d", "🇰", "🇰🇷🇰🇷", "\ufe0f", "\u202e", "\x00", "👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦"} {
		if e.Valid() {
			t.Errorf("%q passes", e)
		}
	}
}
